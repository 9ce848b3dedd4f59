"""A fence is given once and only ever rises, and only its newest holder ends a roadmap: else two workers could both believe that it is theirs.

Each fence belongs to a claim, which its worker has logged, or to an owner's retry or cancellation, which has an event.
"""

from collections import Counter
from itertools import pairwise

from harness import Evidence, Finding, needs
from scenarios.roadmaps import kept
from scenarios.roadmaps.checks.events_stored import BY_ITS_OWNER, LIFECYCLE
from scenarios.roadmaps.request_ledger import Entry, Ledger
from scenarios.roadmaps.services import CONTENT

BY_A_WORKER = {"completed", "partially_completed"}  # ends that only a worker can make
LATER = {"Frozen", "pause", "Slow", "Narrow"}  # faults
BY_WHOM_IT_MAY_BE = BY_A_WORKER | {"failed"}


@needs(
    "logs/*",
    "journal/call",
    "journal/fault",
    "journal/verb",
    f"database/{kept.REQUESTS}",
    f"database/{kept.EVENTS}",
)
def fences_monotone(evidence: Evidence) -> Finding:
    """Judge the claims that workers logged, against each other and against the database.

    The workers' clocks are not used: the order of two nodes is unknown, but both must not have the same fence.
    """
    if nothing := kept.nothing_asked_for(evidence):
        return nothing
    entries = Ledger.of(evidence).entries.values()
    there = {row["id"] for row in kept.requests(evidence)}
    events = [event for event in kept.events(evidence) if event["category"] == LIFECYCLE]
    by_owner = Counter(event["request_id"] for event in events if event["step"] in BY_ITS_OWNER)
    finished = Counter(event["request_id"] for event in events if event["step"] in BY_A_WORKER)
    ends = Counter(event["request_id"] for event in events if event["step"] in BY_WHOM_IT_MAY_BE)
    retries = kept.retries(evidence)
    # A claim may be missing in the log, because its worker or the database ended before the line; a frozen worker logs it later.
    cut = sum(window.name not in LATER for window in kept.hurt(evidence, CONTENT, "postgres"))
    faults = []
    for entry in entries:
        faults += _faults(entry)
        stale = [(node, fence) for node, fence in entry.ended_by if fence < max(entry.fences)]
        if len(stale) > retries[entry.id]:  # an owner's retry follows a valid end
            node, fence = stale[0]
            faults.append(
                f"{entry.id} was ended by {node} with fence {fence}, and fence {max(entry.fences)} was given"
            )
        if entry.id in there:
            faults += _sums(entry, by_owner[entry.id], finished[entry.id], cut)
            if entry.ended > ends[entry.id]:
                faults.append(
                    f"{entry.id}: the logs tell of {entry.ended} ends, there are events of {ends[entry.id]}"
                )
        elif entry.provider_calls and not entry.claimed and not cut:
            faults.append(
                f"{entry.id}: the provider was asked {entry.provider_calls} times, and nobody has claimed it"
            )
    return Finding.judge(faults, seen=len(entries), what="requests")


def _faults(entry: Entry) -> list[str]:
    faults = []
    if len(set(entry.fences)) < len(entry.fences):
        faults.append(f"{entry.id}: a fence was given twice, of {entry.fences}")
    for node in {node for node, _, _ in entry.claimed}:
        own = [fence for claimer, _, fence in entry.claimed if claimer == node]
        if any(later < earlier for earlier, later in pairwise(own)):
            faults.append(f"{entry.id}: the fences of {node} fell, {own}")
    return faults


def _sums(entry: Entry, by_owner: int, finished: int, cut: int) -> list[str]:
    """Faults of the sums: the fences from 1 on belong to claims and owners, and no worker ends a request that it has not claimed."""
    faults = []
    if entry.claimed and max(entry.fences) > entry.fence:
        faults.append(f"{entry.id}: fence {max(entry.fences)} was given, the database has {entry.fence}")
    known = len(set(entry.fences)) + by_owner
    if not known <= entry.fence <= known + cut:
        faults.append(
            f"{entry.id}: the database has fence {entry.fence}, the logs tell of {len(set(entry.fences))} claims and {by_owner} were"
            " given to its owner"
        )
    if finished > entry.ended + cut:
        faults.append(f"{entry.id} was completed {finished} times, the logs tell of {entry.ended} ends")
    if entry.ended > len(entry.ended_by) + cut:
        strangers = entry.ended - len(entry.ended_by)
        faults.append(f"{entry.id}: {strangers} ends were logged where nobody had logged a claim")
    if entry.status in BY_A_WORKER and entry.fence < 1:
        faults.append(f"{entry.id} is {entry.status} with fence {entry.fence}")
    return faults
