"""Rare states that a long run should reach: a state that was never reached proves nothing about it."""

import re
from collections.abc import Callable, Mapping

from harness.evidence.evidence import Evidence

# The sign of a state: a regular expression for a line of any role's log, or a function that counts it in the evidence.
Told = str | Callable[[Evidence], int]


def reached(states: Mapping[str, Told], evidence: Evidence) -> dict[str, int]:
    """How often each state was reached.

    Args:
        states: that are declared: what happens in one -> how a run tells of it.
        evidence: of a run.
    """
    return {
        name: told(evidence) if callable(told) else _lines(told, evidence) for name, told in states.items()
    }


def _lines(pattern: str, evidence: Evidence) -> int:
    wanted = re.compile(pattern)
    return sum(bool(wanted.search(line)) for lines in evidence.logs.values() for line in lines)
