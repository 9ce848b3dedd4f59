"""The events that must not be lost are stored, each exactly once: one of acceptance and one of the end a request."""

from collections import Counter

from harness.checks.finding import Finding
from harness.evidence import Evidence


def events_stored(evidence: Evidence) -> Finding:
    """Judge the execution log of every request that has ended."""
    stored = Counter(
        (str(e["request_id"]), e["step"]) for e in evidence.events if e["category"] == "lifecycle"
    )
    faults = [f"event {row['id']} is still in the outbox" for row in evidence.outbox]
    ended = [row for row in evidence.requests if row["ended_at"] is not None]
    for request in ended:
        for step in ("accepted", request["status"]):
            times = stored[str(request["id"]), step]
            if times != 1:
                faults.append(f"{request['id']}: the event {step!r} is stored {times} times")
    return Finding.judge(faults, seen=len(ended), what="ended requests")
