"""Every 202 a client got ends: the request is there, and has come to an end with its reason."""

from harness import Evidence, Finding
from scenarios.roadmaps import kept

ENDS = {"completed", "partially_completed", "failed", "cancelled"}
WITH_REASON = {"partially_completed", "failed"}


def nothing_lost(evidence: Evidence) -> Finding:
    """Judge every accepted request; one that its owner has deleted may be gone."""
    requests = {row["id"]: row for row in kept.requests(evidence)}
    withdrawn = kept.withdrawn(evidence)
    faults: list[str] = []
    for roadmap_id in sorted(kept.accepted(evidence)):
        request = requests.get(roadmap_id)
        if request is None:
            if roadmap_id not in withdrawn:
                faults.append(f"{roadmap_id} was accepted and is lost")
            continue
        status = request["status"]
        if status not in ENDS:
            faults.append(f"{roadmap_id} is still {status}")
        if status in WITH_REASON and not (request["error"] or {}).get("message"):
            faults.append(f"{roadmap_id} is {status} without a reason")
    return Finding.judge(faults, seen=len(kept.accepted(evidence)), what="accepted requests")
