"""Every 202 a client got ends: the request is there, his and under his key, and has come to an end with its reason; and nobody has one that he was not promised."""

from harness import Evidence, Finding, needs
from harness.evidence.evidence import Row
from scenarios.roadmaps import kept

ENDS = {"completed", "partially_completed", "failed", "cancelled"}
WITH_REASON = {"partially_completed", "failed"}


@needs("journal/call", "logs/*", f"database/{kept.REQUESTS}", f"database/{kept.USERS}")
def nothing_lost(evidence: Evidence) -> Finding:
    """Judge every accepted request; a request that its owner has deleted may be gone."""
    if nothing := kept.nothing_asked_for(evidence):
        return nothing
    requests = {row["id"]: row for row in kept.requests(evidence)}
    emails = {row["id"]: row["email"] for row in kept.users(evidence)}
    withdrawn = kept.withdrawn(evidence)
    promises = kept.owners(evidence)
    faults: list[str] = []
    for roadmap_id, promise in sorted(promises.items()):
        request = requests.get(roadmap_id)
        if request is None:
            if roadmap_id not in withdrawn:
                faults.append(f"{roadmap_id} was accepted and is lost")
            continue
        faults += _unlike(promise, request, emails)
        status = request["status"]
        if status not in ENDS:
            faults.append(f"{roadmap_id} is still {status}")
        if status in WITH_REASON and not (request["error"] or {}).get("message"):
            faults.append(f"{roadmap_id} is {status} without a reason")
    faults += _unasked(evidence, requests, emails)
    faults += [
        f"{roadmap_id} was accepted, as an API has logged, and is lost"
        for roadmap_id in sorted(kept.logged(evidence) - set(requests) - set(promises))
    ]
    return Finding.judge(faults, seen=len(promises), what="accepted requests")


def _unlike(promise: Row, request: Row, emails: dict[str, str]) -> list[str]:
    """The differences between a request and its promise."""
    owner, key = emails.get(request["user_id"]), request["idempotency_key"]
    faults = []
    if owner is None:
        faults.append(f"{request['id']} belongs to no account there is")
    elif promise["by"] and promise["by"] != owner:
        faults.append(f"{request['id']} was promised to {promise['by']}, and is {owner}'s")
    if promise.get("key") not in {None, key}:
        faults.append(
            f"{request['id']} was asked for under the key {promise['key']}, and is kept under {key}"
        )
    return faults


def _unasked(evidence: Evidence, requests: dict[str, Row], emails: dict[str, str]) -> list[str]:
    """Requests without a promise that no unanswered call can have made."""
    promised = kept.accepted(evidence)
    unheard = {
        (call["by"], call.get("key")) for call in evidence.calls if kept.effect(call, kept.ACCEPTED) is None
    }
    return [
        f"{roadmap_id} is there, and nobody was promised it"
        for roadmap_id, row in requests.items()
        if roadmap_id not in promised and (emails.get(row["user_id"]), row["idempotency_key"]) not in unheard
    ]
