"""Further facts for a reader of the evidence: the scenario's own lines, the tested code, and differences of the environment."""

import linecache
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from harness.base.commit import commit, difference
from harness.evidence.evidence import Row
from harness.stack.stack import Stack

AROUND = 2  # lines of the scenario around those that caused something
LONGEST_DIFFERENCE = 60_000  # characters


def told_of_scenario(journal: Sequence[Row], script: Path | None, failed: int) -> dict[str, Any]:
    """Its lines that caused something, by their number, and the one at which it failed.

    Args:
        journal: of the scenario.
        script: its file; None where there is none.
        failed: the line at which it failed; 0 where it did not.
    """
    if script is None:
        return {}
    numbers = {int(record["line"]) for record in journal if "line" in record} | (
        {failed} if failed else set()
    )
    near = {number + step for number in numbers for step in range(-AROUND, AROUND + 1)}
    lines = {number: linecache.getline(str(script), number).rstrip() for number in sorted(near) if number > 0}
    return {"scenario": {str(number): text for number, text in lines.items() if text}} | (
        {"failed_line": failed} if failed else {}
    )


def told_of_stack(stack: Stack) -> dict[str, Any]:
    """The commit, the difference from it, and variables of its nodes that differ from their tier's.

    Args:
        stack: that the scenario ran on.
    """
    return {"code": _code(), "environment": changed_environments(stack)}


def changed_environments(stack: Stack) -> dict[str, dict[str, list[str | None]]]:
    """Node -> variable -> its value by the tier, and its real value.

    Args:
        stack: that the scenario ran on.
    """
    found = {}
    for node, given in stack.given.items():
        usual = stack.usual_environment(node)
        differing = {
            name: [usual.get(name), given.get(name)]
            for name in sorted({*usual, *given})
            if usual.get(name) != given.get(name)
        }
        if differing:
            found[node] = differing
    return found


@cache
def _code() -> Mapping[str, str]:
    text = difference()
    more = f"\n... {len(text) - LONGEST_DIFFERENCE} characters more" if len(text) > LONGEST_DIFFERENCE else ""
    return {"commit": commit(), "difference": text[:LONGEST_DIFFERENCE] + more}
