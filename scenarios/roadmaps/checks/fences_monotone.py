"""A fence is given once and only ever rises, and only its newest holder ends a roadmap: else two workers could both believe that it is theirs."""

from itertools import pairwise

from harness import Evidence, Finding
from scenarios.roadmaps import kept
from scenarios.roadmaps.request_ledger import Entry, Ledger


def fences_monotone(evidence: Evidence) -> Finding:
    """Judge the claims that workers logged, against each other and against the database.

    Workers' clocks are not asked: of two nodes nobody knows who was first, but none may have the other's fence.
    """
    entries = Ledger.of(evidence).entries.values()
    withdrawn = kept.withdrawn(evidence)
    retried = {event["request_id"] for event in kept.events(evidence) if event["step"] == "retried"}
    faults = [fault for entry in entries for fault in _faults(entry, gone=entry.id in withdrawn)]
    faults += [
        f"{entry.id} was ended by {node} with fence {fence}, and fence {max(entry.fences)} was given"
        for entry in entries
        for node, fence in entry.ended_by
        if fence < max(entry.fences) and entry.id not in retried  # whose earlier ends were ends, too
    ]
    return Finding.judge(faults, seen=len(entries), what="requests")


def _faults(entry: Entry, *, gone: bool) -> list[str]:
    faults = []
    if len(set(entry.fences)) < len(entry.fences):
        faults.append(f"{entry.id}: a fence was given twice, of {entry.fences}")
    for node in {node for node, _, _ in entry.claimed}:
        own = [fence for claimer, _, fence in entry.claimed if claimer == node]
        if any(later < earlier for earlier, later in pairwise(own)):
            faults.append(f"{entry.id}: the fences of {node} fell, {own}")
    if entry.claimed and not gone and max(entry.fences) > entry.fence:
        faults.append(f"{entry.id}: fence {max(entry.fences)} was given, the database has {entry.fence}")
    return faults
