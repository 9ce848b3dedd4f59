"""The execution log is what was emitted: what must not be lost, exactly once; the rest never twice, and all of it where nothing was hurt."""

from collections import Counter

from harness import Evidence, Finding
from harness.base.logs import LogLine
from harness.evidence.evidence import Row
from scenarios.roadmaps import kept
from scenarios.roadmaps.services import LOGS

ENDS = {"completed", "partially_completed", "failed", "cancelled"}
LIFECYCLE = "lifecycle"
NOT_PUBLISHED = "messages not published"
REDELIVERED = {("Killed, pool child", LOGS)}  # what it had not acknowledged comes again


def events_stored(evidence: Evidence) -> Finding:
    """Judge the execution log of every request that has ended."""
    stored = Counter(
        (e["request_id"], e["step"]) for e in kept.events(evidence) if e["category"] == LIFECYCLE
    )
    faults = [f"event {row['id']} is still in the outbox" for row in kept.outbox(evidence)]
    ended = [row for row in kept.requests(evidence) if row["ended_at"] is not None]
    for request in ended:
        request_id = request["id"]
        accepted = stored[request_id, "accepted"]
        if accepted != 1:
            faults.append(f"{request_id}: the event 'accepted' is stored {accepted} times")
        ends = {status: stored[request_id, status] for status in sorted(ENDS) if stored[request_id, status]}
        expected = 1 + stored[request_id, "retried"]
        if sum(ends.values()) != expected or request["status"] not in ends:
            faults.append(f"{request_id} is {request['status']}, its {expected} ends are stored as {ends}")
        elif request["fence"] == 1:
            faults += _best_effort(evidence, request)
    return Finding.judge(faults, seen=len(ended), what="ended requests")


def _best_effort(evidence: Evidence, request: Row) -> list[str]:
    """Of a request with one attempt: the event of its end says how many others it has emitted."""
    own = [event for event in kept.events(evidence) if event["request_id"] == request["id"]]
    emitted = sum(event["data"].get("emitted", 0) for event in own if event["category"] == LIFECYCLE)
    others = sum(event["category"] != LIFECYCLE for event in own)
    if others > emitted:
        return [f"{request['id']} has emitted {emitted} best-effort events, {others} are stored"]
    if others < emitted and not _hurt(evidence):
        return [f"{request['id']} has emitted {emitted} best-effort events, only {others} are stored"]
    return []


def _hurt(evidence: Evidence) -> bool:
    """Whether something was done to the stack that may lose a message, or a worker said that Redis did not take what it sent."""
    lossy = {(fault["name"], fault["target"]) for fault in evidence.faults} - REDELIVERED
    lines = (LogLine.parse(line) for written in evidence.logs.values() for line in written)
    return bool(lossy) or any(NOT_PUBLISHED in line.message for line in lines)
