"""Each accepted request has come to one end, with exactly one roadmap where it was completed and none where not."""

from collections import Counter

from harness.checks.finding import Finding
from harness.evidence import Evidence

WITH_ROADMAP = {"completed", "partially_completed"}
WITH_REASON = {"partially_completed", "failed"}
WITHOUT_ROADMAP = {"failed", "cancelled"}


def one_end(evidence: Evidence) -> Finding:
    """Judge every 202 a client got."""
    requests = {str(row["id"]): row for row in evidence.requests}
    written = Counter(str(row["id"]) for row in evidence.roadmaps)
    faults: list[str] = []
    for roadmap_id in sorted(evidence.accepted()):
        request = requests.get(roadmap_id)
        if request is None:
            faults.append(f"{roadmap_id} was accepted and is lost")
            continue
        status = request["status"]
        if status not in WITH_ROADMAP | WITHOUT_ROADMAP:
            faults.append(f"{roadmap_id} is still {status}")
        if written[roadmap_id] != (status in WITH_ROADMAP):
            faults.append(f"{roadmap_id} is {status} with {written[roadmap_id]} roadmaps")
        if status in WITH_REASON and not (request["error"] or {}).get("message"):
            faults.append(f"{roadmap_id} is {status} without a reason")
    return Finding.judge(faults, seen=len(evidence.accepted()), what="accepted requests")
