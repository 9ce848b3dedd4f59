"""The substrates by name, each imported when it is asked for: a stack without containers need not load their libraries."""

import importlib
from collections.abc import Mapping

from harness.substrates.substrate import Substrate

SUBSTRATES: Mapping[str, str] = {
    "embedded": "harness.substrates.embedded:Embedded",
}


def substrate(name: str) -> type[Substrate]:
    """The substrate of this name.

    Raises:
        KeyError: there is none.
    """
    module, _, found = SUBSTRATES[name].partition(":")
    kind: type[Substrate] = getattr(importlib.import_module(module), found)
    return kind
