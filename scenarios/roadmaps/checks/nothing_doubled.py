"""Nothing is there twice: one request for one key of one user, one answer to whoever repeats it, one roadmap for one request."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import TypeVar

from harness import Evidence, Finding, needs
from scenarios.roadmaps import kept

T = TypeVar("T")


@needs("journal/call", *(f"database/{table}" for table in kept.TABLES))
def nothing_doubled(evidence: Evidence) -> Finding:
    """Judge requests, answers, roadmaps and events."""
    if nothing := kept.nothing_asked_for(evidence):
        return nothing
    faults = [
        f"user {user} has {times} requests under the key {key}"
        for (user, key), times in _repeated(
            (row["user_id"], row["idempotency_key"]) for row in kept.requests(evidence)
        )
    ]
    answers: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for call in evidence.calls:
        if call.get("roadmap_id") and call.get("key"):
            answers[call["by"], call["key"]].add(call["roadmap_id"])
    gone = kept.withdrawn(evidence)  # their keys are free again
    faults += [
        f"{by} was promised {len(ids)} roadmaps under the key {key}: {', '.join(sorted(ids))}"
        for (by, key), ids in answers.items()
        if len(ids - gone) > 1
    ]
    for what, rows in (
        ("request", kept.requests(evidence)),
        ("roadmap", kept.roadmaps(evidence)),
        ("event", kept.events(evidence)),
        ("account", kept.users(evidence)),
    ):
        faults += [f"{what} {found} is there {n} times" for found, n in _repeated(row["id"] for row in rows)]
    steps = [(row["request_id"], row["step"], row["concept_id"]) for row in kept.steps(evidence)]
    faults += [f"step {'/'.join(found)} is there {n} times" for found, n in _repeated(steps)]
    told = [
        (row["request_id"], row["step"], row.get("concept_id"), row["occurred_at"])
        for row in kept.events(evidence)
        if row.get("occurred_at")
    ]
    faults += [f"event {'/'.join(map(str, one))} is stored {n} times" for one, n in _repeated(told)]
    emails = [row["email"] for row in kept.users(evidence)]
    faults += [f"account {found} is there {n} times" for found, n in _repeated(emails)]
    seen = len(kept.requests(evidence)) + len(gone)
    return Finding.judge(faults, seen=seen, what="requests")


def _repeated(values: Iterable[T]) -> list[tuple[T, int]]:
    return [(value, times) for value, times in Counter(values).items() if times > 1]
