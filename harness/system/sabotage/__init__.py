"""A safety of the product, switched off from outside: the product itself has no such switch (docs/decisions/071-a-safety-is-switched-off-from-outside.md)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PRELOAD = Path(__file__).parent / "preload"
VARIABLE = "HARNESS_SABOTAGE"  # read by preload/sitecustomize.py


@dataclass(frozen=True, slots=True)
class Sabotage:
    """One statement of one module, replaced in every role that imports it and is a process of this machine: `needs("pids")`.

    Args:
        module: its name.
        statement: text that must be in its source exactly once; else the role does not start.
        instead: the text that replaces it.
    """

    module: str
    statement: str
    instead: str

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables of a stack whose roles run without that safety."""
        return {
            "PYTHONPATH": str(PRELOAD),
            VARIABLE: json.dumps([self.module, self.statement, self.instead]),
        }
