"""A request's end agrees with its parts: complete is what no step of has failed, partial what one has, and only what has ended has a time of its end."""

from collections import Counter

from app.roadmaps.states import EARLIER
from harness import Evidence, Finding, needs
from harness.evidence.evidence import Row
from scenarios.roadmaps import kept
from scenarios.roadmaps.checks.nothing_lost import ENDS

FAILED = "failed"  # of a step
DONE = "completed"  # likewise
COMPLETE, PARTIAL = "completed", "partially_completed"


@needs("journal/call", f"database/{kept.REQUESTS}", f"database/{kept.STEPS}")
def ends_agree(evidence: Evidence) -> Finding:
    """Judge every request there is by the steps that were written for it."""
    if nothing := kept.nothing_asked_for(evidence):
        return nothing
    failed = Counter(row["request_id"] for row in kept.steps(evidence) if row["status"] == FAILED)
    requests = kept.requests(evidence)
    faults = [fault for row in requests for fault in _faults(row, failed[row["id"]])]
    faults += [
        f"{row['request_id']}/{row['step']}/{row['concept_id']} is complete, and nothing was written for it"
        for row in kept.steps(evidence)
        if row["status"] == DONE and row["step"] != EARLIER and row.get("output", "") is None
    ]
    return Finding.judge(faults, seen=len(requests) + len(kept.withdrawn(evidence)), what="requests")


def _faults(row: Row, failed: int) -> list[str]:
    name, status = row["id"], row["status"]
    faults = []
    if status == COMPLETE and failed:
        faults.append(f"{name} is complete, and {failed} of its steps have failed")
    if status == COMPLETE and row["error"]:
        faults.append(f"{name} is complete, and has an error")
    if status == PARTIAL and not failed:
        faults.append(f"{name} is complete in part, and none of its steps has failed")
    if (status in ENDS) != bool(row["ended_at"]):
        faults.append(f"{name} is {status}, and the time of its end is {row['ended_at'] or 'not there'}")
    return faults
