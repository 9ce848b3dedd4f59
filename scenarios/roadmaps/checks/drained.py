"""After the drain nothing waits: no request queued or running, no event on its way, no message in the broker."""

from harness import Evidence, Finding, needs
from scenarios.roadmaps import kept


@needs("queues", f"database/{kept.REQUESTS}", f"database/{kept.OUTBOX}")
def drained(evidence: Evidence) -> Finding:
    """Judge the work that is left."""
    faults = [
        f"{row['id']} is {row['status']}"
        for row in kept.requests(evidence)
        if row["status"] in {"queued", "running"}
    ]
    faults += [f"event {row['id']} is still in the outbox" for row in kept.outbox(evidence)]
    faults += [
        f"{waiting} messages wait in {queue}" for queue, waiting in evidence.waiting.items() if waiting
    ]
    return Finding.judge(faults, seen=len(evidence.waiting), what="queues")
