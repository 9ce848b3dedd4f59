"""After the drain nothing waits: no request queued or running, no event on its way, no message in the broker."""

from harness import Evidence, Finding, needs
from scenarios.roadmaps import kept

QUEUES = ("content", "logs")


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
    if not faults and (unseen := [name for name in QUEUES if name not in evidence.waiting]):
        return Finding.unknown(f"nobody has looked into the queue {', '.join(unseen)}")
    return Finding.judge(faults, seen=len(evidence.waiting), what="queues")
