"""A clock that is wrong, for one role: libfaketime, loaded before the C library into every process of it."""

import importlib.util
import platform
from pathlib import Path

import pytest

LIBRARY = "vendor/libfaketime/src/libfaketime.so.1"
on_a_machine_it_is_made_for = pytest.mark.skipif(
    (platform.system(), platform.machine()) != ("Linux", "x86_64"),
    reason="libfaketime's package has a library for Linux on x86-64",
)


def wrong_by(offset: str) -> dict[str, str]:
    """The variables of a role whose clock is off.

    Args:
        offset: as libfaketime has it, such as `+1h`.
    """
    spec = importlib.util.find_spec("libfaketime")
    assert spec is not None
    assert spec.origin is not None
    library = Path(spec.origin).parent / LIBRARY
    return {"LD_PRELOAD": str(library), "FAKETIME": offset}
