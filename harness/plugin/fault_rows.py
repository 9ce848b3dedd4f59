"""A row of the table of faults: what one scenario did to the system, and what came of it. From these lines the table is made."""

from typing import Any

import pytest

from harness.evidence.checks import Finding, Outcome
from harness.evidence.evidence import Evidence
from harness.system.system import System

MARKER = "row"
LOST, DOUBLED = "nothing_lost", "nothing_doubled"


def row_of(item: pytest.Item, system: System, *, passed: bool) -> dict[str, Any] | None:
    """The line of a scenario that is marked with the number of its row; None for one that is not.

    Args:
        item: the scenario.
        system: it ran on.
        passed: whether it did.

    Returns:
        `row`, `scenario`, `substrate`, `tier`, `run`, `passed`; `faults`: of each kind on each target how many `times` it was
        injected, its `traces`, and the `worst_recovery` in seconds (None if none was timed); `lost` and `doubled`: None where
        that was not judged; how many roadmaps were `accepted`.
    """
    marker = item.get_closest_marker(MARKER)
    if marker is None:
        return None
    stack = system.stack
    return {
        "row": marker.args[0],
        "scenario": item.nodeid,
        "substrate": stack.spec.substrate,
        "tier": stack.spec.tier,
        "run": stack.run.id,
        "passed": passed,
        "faults": faults_in(stack.scenario_journal("fault")),
        "lost": violations(system.findings.get(LOST)),
        "doubled": violations(system.findings.get(DOUBLED)),
        "accepted": len(Evidence(journal=stack.scenario_journal("call")).accepted()),
    }


def faults_in(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a journal tells of each kind of fault on each target.

    Args:
        records: the journal's, of the kind `fault`.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for record in records:
        key = record["name"], record["target"]
        fault = found.setdefault(
            key, {"name": key[0], "target": key[1], "times": 0, "traces": [], "worst_recovery": None}
        )
        if record["phase"] == "injected":
            fault["times"] += record.get("times", 1)
        if trace := record.get("trace"):
            fault["traces"].append(trace)
        if record["phase"] == "recovered":
            fault["worst_recovery"] = max(fault["worst_recovery"] or 0.0, record["seconds"])
    return list(found.values())


def violations(finding: Finding | None) -> int | None:
    """How often a check was violated; None where nobody knows.

    Args:
        finding: of it; None where it was not asked.
    """
    if finding is None or finding.outcome is Outcome.UNKNOWN:
        return None
    return len(finding.facts) if finding.outcome is Outcome.VIOLATED else 0
