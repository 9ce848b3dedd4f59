"""Exactly one roadmap where a request was completed, at least in part; none where it was not."""

from collections import Counter

from harness import Evidence, Finding
from scenarios.roadmaps import kept

WITH_ROADMAP = {"completed", "partially_completed"}


def one_roadmap(evidence: Evidence) -> Finding:
    """Judge every request there is."""
    written = Counter(row["id"] for row in kept.roadmaps(evidence))
    faults = [
        f"{row['id']} is {row['status']} with {written[row['id']]} roadmaps"
        for row in kept.requests(evidence)
        if written[row["id"]] != (row["status"] in WITH_ROADMAP)
    ]
    strangers = set(written) - {row["id"] for row in kept.requests(evidence)}
    faults += [f"roadmap {found} belongs to no request" for found in sorted(strangers)]
    return Finding.judge(faults, seen=len(kept.requests(evidence)), what="requests")
