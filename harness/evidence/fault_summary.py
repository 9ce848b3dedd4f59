"""Figures of faults from a journal, and how often a check was violated: for the table of faults and for a nemesis."""

from typing import Any

from harness.evidence.checks.finding import Finding, Outcome

LOST, DOUBLED = "nothing_lost", "nothing_doubled"


def faults_in(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Figures of each kind of fault on each target.

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
    """How often a check was violated; None where that is unknown.

    Args:
        finding: the check's finding; None where the check was not run.
    """
    if finding is None or finding.outcome is Outcome.UNKNOWN:
        return None
    return len(finding.facts) if finding.outcome is Outcome.VIOLATED else 0
