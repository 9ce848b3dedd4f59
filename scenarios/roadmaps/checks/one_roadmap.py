"""Exactly one roadmap, whole, where a request was completed, at least in part; none where it was not."""

from collections import Counter

from harness import Evidence, Finding, needs
from harness.evidence.evidence import Row
from scenarios.roadmaps import kept

WITH_ROADMAP = {"completed", "partially_completed"}
OF_THE_WHOLE = ("intent", "curriculum")  # steps
FRAMEWORKS = ("curriculum", "repair")  # steps that write the title
PARTS = ("title", "summary", "curriculum")


@needs(f"database/{kept.REQUESTS}", f"database/{kept.ROADMAPS}", f"database/{kept.STEPS}", "journal/*")
def one_roadmap(evidence: Evidence) -> Finding:
    """Judge every request; each roadmap must have its parts and a step for each of its concepts, and no other step."""
    if nothing := kept.nothing_asked_for(evidence):
        return nothing
    written = Counter(row["id"] for row in kept.roadmaps(evidence))
    faults = [
        f"{row['id']} is {row['status']} with {written[row['id']]} roadmaps"
        for row in kept.requests(evidence)
        if written[row["id"]] != (row["status"] in WITH_ROADMAP)
    ]
    strangers = set(written) - {row["id"] for row in kept.requests(evidence)}
    faults += [f"roadmap {found} belongs to no request" for found in sorted(strangers)]
    for roadmap in kept.roadmaps(evidence):
        faults += _incomplete(evidence, roadmap)
    seen = len(kept.requests(evidence)) + len(kept.withdrawn(evidence))
    return Finding.judge(faults, seen=seen, what="requests")


def _incomplete(evidence: Evidence, roadmap: Row) -> list[str]:
    faults = [f"roadmap {roadmap['id']} has no {part}" for part in PARTS if not roadmap.get(part)]
    if faults:
        return faults
    concepts = {
        concept["id"]
        for stage in roadmap["curriculum"]["stages"]
        for module in stage["modules"]
        for concept in module["concepts"]
    }
    steps = [row for row in kept.steps(evidence) if row["request_id"] == roadmap["id"]]
    asked = {row["concept_id"] for row in steps} - {""}
    kinds = {row["step"] for row in steps if row["concept_id"]}
    parts = {(row["step"], row["concept_id"]) for row in steps}
    faults += [
        f"roadmap {roadmap['id']} has no step {kind} for {one}, and for another"
        for kind in sorted(kinds)
        for one in sorted(concepts & asked)
        if (kind, one) not in parts
    ]
    whole = {row["step"]: row.get("output") or {} for row in steps if not row["concept_id"]}
    faults += [f"roadmap {roadmap['id']} has no step {step}" for step in OF_THE_WHOLE if step not in whole]
    titles = {whole[step]["title"] for step in FRAMEWORKS if "title" in whole.get(step, {})}
    shown = {roadmap["title"], roadmap["curriculum"].get("title", roadmap["title"])}
    if len(shown) > 1 or (titles and not shown <= titles):
        faults.append(
            f"roadmap {roadmap['id']} is called {roadmap['title']!r}, what was written for it otherwise"
        )
    faults += [f"roadmap {roadmap['id']}: nothing was written for {one}" for one in sorted(concepts - asked)]
    faults += [
        f"roadmap {roadmap['id']} has no concept {one}, for which there is a step"
        for one in sorted(asked - concepts)
    ]
    return faults
