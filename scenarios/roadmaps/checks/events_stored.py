"""The execution log is what was emitted: what must not be lost, exactly once; the rest never twice, and what is missing was lost in a fault."""

import re
from collections import Counter

from harness import Evidence, Finding, needs
from harness.base.logs import LogLine
from harness.evidence.windows import Window
from scenarios.roadmaps import kept
from scenarios.roadmaps.services import CONTENT, LOGS

ENDS = {"completed", "partially_completed", "failed", "cancelled"}
LIFECYCLE = "lifecycle"
BY_ITS_OWNER = {kept.RETRIED, "cancelled"}  # steps
NOT_PUBLISHED = re.compile(r"(\d+) messages not published")
STORED = re.compile(r"stored (\d+) of \d+ events")
EVENTS_A_MESSAGE = 50  # of app.roadmaps.event_buffer
REDELIVERED = "Killed, pool child"  # of the logs worker: its unacknowledged messages come again


@needs(
    f"database/{kept.EVENTS}", f"database/{kept.OUTBOX}", f"database/{kept.REQUESTS}", "journal/*", "logs/*"
)
def events_stored(evidence: Evidence) -> Finding:
    """Judge the execution log of every ended request, and the logs worker's lines about stored events."""
    if nothing := kept.nothing_asked_for(evidence):
        return nothing
    stored = Counter(
        (e["request_id"], e["step"]) for e in kept.events(evidence) if e["category"] == LIFECYCLE
    )
    faults = [f"event {row['id']} is still in the outbox" for row in kept.outbox(evidence)]
    ended = [row for row in kept.requests(evidence) if row["ended_at"] is not None]
    lossy, promises = _lossy(evidence), kept.owners(evidence)
    others = Counter(e["request_id"] for e in kept.events(evidence) if e["category"] != LIFECYCLE)
    emitted: Counter[str] = Counter()
    for event in kept.events(evidence):
        if event["category"] == LIFECYCLE:
            emitted[event["request_id"]] += event["data"].get("emitted", 0)
    for request in ended:
        request_id = request["id"]
        accepted = stored[request_id, "accepted"]
        if accepted != 1:
            faults.append(f"{request_id}: the event 'accepted' is stored {accepted} times")
        ends = {status: stored[request_id, status] for status in sorted(ENDS) if stored[request_id, status]}
        expected = 1 + stored[request_id, kept.RETRIED]
        if sum(ends.values()) != expected or request["status"] not in ends:
            faults.append(f"{request_id} is {request['status']}, its {expected} ends are stored as {ends}")
        elif request["fence"] == 1:
            in_a_fault = any(
                request_id not in promises or window.ended >= promises[request_id]["at"] for window in lossy
            )
            faults += _best_effort(evidence, request_id, emitted[request_id], others[request_id], in_a_fault)
    faults += _before_it_was_accepted(evidence)
    known = {row["id"] for row in kept.requests(evidence)}
    faults += [
        f"event {e['id']} is of no request there is"
        for e in kept.events(evidence)
        if e["request_id"] not in known
    ]
    faults += _told(evidence)
    gone = len(kept.withdrawn(evidence))
    return Finding.judge(faults, seen=len(ended) + gone, what="ended requests")


def _before_it_was_accepted(evidence: Evidence) -> list[str]:
    """Faults of the order: an owner's action that an API has logged must come after the acceptance that an API has logged."""
    at: dict[tuple[str, str], str] = {
        (event["request_id"], event["step"]): event.get("occurred_at", "") for event in kept.events(evidence)
    }
    return [
        f"{request_id} was {step} before it was accepted"
        for (request_id, step), when in sorted(at.items())
        if step in BY_ITS_OWNER and when and when < at.get((request_id, "accepted"), "")
    ]


def _best_effort(
    evidence: Evidence,
    request_id: str,
    emitted: int,
    others: int,
    in_a_fault: bool,
) -> list[str]:
    """Faults of a request with one attempt: the event of its end has the number of its other events."""
    if others > emitted:
        return [f"{request_id} has emitted {emitted} best-effort events, {others} are stored"]
    if others < emitted and not in_a_fault and emitted - others > _named_losses(evidence):
        return [f"{request_id} has emitted {emitted} best-effort events, only {others} are stored"]
    return []


def _lossy(evidence: Evidence) -> list[Window]:
    """The faults on the way of an event, from the worker that makes it to the worker that stores it."""
    way = kept.hurt(evidence, CONTENT, LOGS, "redis", "postgres")
    return [window for window in way if (window.name, window.target) != (REDELIVERED, LOGS)]


def _named_losses(evidence: Evidence) -> int:
    """The largest number of events in messages that Redis did not take, by the workers' logs."""
    lines = (LogLine.parse(line).message for written in evidence.logs.values() for line in written)
    return sum(EVENTS_A_MESSAGE * int(found[1]) for line in lines if (found := NOT_PUBLISHED.search(line)))


def _told(evidence: Evidence) -> list[str]:
    """Compare the events that the logs workers say they have stored with the stored ones; a killed worker may not have logged its last line."""
    said = {
        node: sum(int(found[1]) for line in written if (found := STORED.match(LogLine.parse(line).message)))
        for node, written in evidence.logs.items()
    }
    there = len(kept.events(evidence))
    told = sum(said.values())
    if told < there and not kept.hurt(evidence, LOGS, "postgres"):
        return [f"{there} events are stored, the logs of the workers tell of {told}"]
    if told > there and not kept.withdrawn(evidence):
        return [f"the logs of the workers tell of {told} events that were stored, {there} are there"]
    return []
