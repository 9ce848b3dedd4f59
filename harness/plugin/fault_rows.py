"""A row for the table of faults: the faults of one scenario, and their outcome. The table is made from these rows."""

from datetime import UTC, datetime
from typing import Any

import pytest

from harness.base.commit import commit
from harness.evidence.evidence import Evidence
from harness.evidence.fault_summary import DOUBLED, LOST, faults_in, violations
from harness.system.system import System

MARKER = "row"


def row_of(item: pytest.Item, system: System) -> dict[str, Any] | None:
    """The row of a scenario that is marked with the number of its row; None without the mark.

    Args:
        item: the scenario.
        system: it ran on.

    Returns:
        `row`, `scenario`, `substrate`, `tier`, `run`, `commit`, `at` what time, and `passed`, which is not known before all is over; `faults`: of each kind on each target how many `times` it was
        injected, its `traces`, and the `worst_recovery` in seconds (None if none was timed); `lost` and `doubled`: None where
        that was not judged; how much work was `accepted`.
    """
    marker = item.get_closest_marker(MARKER)
    if marker is None:
        return None
    stack = system.running
    calls = Evidence(journal=stack.scenario_journal("call"))
    return {
        "row": marker.args[0],
        "scenario": item.nodeid,
        "substrate": stack.spec.substrate,
        "tier": stack.spec.tier,
        "run": stack.run.id,
        "commit": commit(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "passed": False,
        "faults": faults_in(stack.scenario_journal("fault")),
        "lost": violations(system.findings.get(LOST)),
        "doubled": violations(system.findings.get(DOUBLED)),
        "accepted": sum(len(calls.accepted(work.id)) for work in stack.app.works),
    }
