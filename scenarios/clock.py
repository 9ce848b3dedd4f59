"""A wrong clock for one role: libfaketime, which each of its processes loads before the C library."""

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
        offset: in libfaketime's form, such as `+1h`.
    """
    spec = importlib.util.find_spec("libfaketime")
    assert spec is not None
    assert spec.origin is not None
    library = Path(spec.origin).parent / LIBRARY
    return {"LD_PRELOAD": str(library), "FAKETIME": offset}
