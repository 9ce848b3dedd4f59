"""The substrates by name, each imported when it is asked for: a stack without containers need not load their libraries."""

import importlib
from collections.abc import Mapping

from harness.substrates.engine.engine import why_no_engine
from harness.substrates.substrate import Substrate

SUBSTRATES: Mapping[str, str] = {
    "embedded": "harness.substrates.embedded:Embedded",
    "containers": "harness.substrates.containers:Containers",
    "image": "harness.substrates.image:Image",
    "remote": "harness.substrates.remote:Remote",
}


def substrate(name: str) -> type[Substrate]:
    """The substrate of this name.

    Raises:
        KeyError: there is none.
    """
    module, _, found = SUBSTRATES[name].partition(":")
    kind: type[Substrate] = getattr(importlib.import_module(module), found)
    return kind


def usual() -> str:
    """Where a stack lives if nobody says so: in containers where an engine answers, else on this machine alone."""
    return "embedded" if why_no_engine() else "containers"
