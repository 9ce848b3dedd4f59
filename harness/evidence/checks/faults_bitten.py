"""Every fault was felt, healed, and recovered from in its time: under one that never bit nothing was proved."""

from collections import defaultdict

from harness.evidence.checks.finding import Finding
from harness.evidence.evidence import Evidence, Row


def faults_bitten(evidence: Evidence) -> Finding:
    """Judge the phases of every fault in the journal."""
    phases: defaultdict[int, dict[str, Row]] = defaultdict(dict)
    for record in evidence.faults:
        phases[record["number"]][record["phase"]] = record
    faults = []
    for number, seen in sorted(phases.items()):
        some = next(iter(seen.values()))
        name = f"{some['name']} of {some['target']} ({number})"
        if not seen.get("bitten", {}).get("trace"):
            faults.append(f"{name} never bit")
        if "healed" not in seen:
            faults.append(f"{name} was not healed")
        recovered = seen.get("recovered")
        if late := seen.get("not recovered"):
            faults.append(f"{name}: not recovered within {late['budget']} s")
        if recovered and recovered["seconds"] > recovered["budget"]:
            faults.append(f"{name}: recovery took {recovered['seconds']} s of {recovered['budget']}")
    return Finding.judge(faults, seen=len(phases), what="faults")
