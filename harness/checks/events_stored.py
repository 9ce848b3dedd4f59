"""The events that must not be lost are stored, each exactly once: of acceptance, and of the end of each try."""

from collections import Counter

from harness.checks.finding import Finding
from harness.evidence import Evidence

ENDS = {"completed", "partially_completed", "failed", "cancelled"}


def events_stored(evidence: Evidence) -> Finding:
    """Judge the execution log of every request that has ended."""
    stored = Counter(
        (str(e["request_id"]), e["step"]) for e in evidence.events if e["category"] == "lifecycle"
    )
    faults = [f"event {row['id']} is still in the outbox" for row in evidence.outbox]
    ended = [row for row in evidence.requests if row["ended_at"] is not None]
    for request in ended:
        request_id = str(request["id"])
        accepted = stored[request_id, "accepted"]
        if accepted != 1:
            faults.append(f"{request_id}: the event 'accepted' is stored {accepted} times")
        ends = {status: stored[request_id, status] for status in sorted(ENDS) if stored[request_id, status]}
        expected = 1 + stored[request_id, "retried"]
        if sum(ends.values()) != expected or request["status"] not in ends:
            faults.append(f"{request_id} is {request['status']}, its {expected} ends are stored as {ends}")
    return Finding.judge(faults, seen=len(ended), what="ended requests")
