"""States that are rare, and that a long run is there to reach: one that never was is no proof of what happens in it."""

import re
from collections.abc import Callable, Mapping

from harness.evidence.evidence import Evidence

# How a run tells of one: a regular expression that a line of any role's log has then, or what counts it in the evidence.
Told = str | Callable[[Evidence], int]


def reached(states: Mapping[str, Told], evidence: Evidence) -> dict[str, int]:
    """How often each was.

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
