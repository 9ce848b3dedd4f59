"""Every fault was felt, healed, and recovered from in its time: under one that never bit nothing was proved."""

from collections import defaultdict

from harness.evidence.checks.check import needs
from harness.evidence.checks.finding import Finding
from harness.evidence.evidence import Evidence, Row

ENDS = {"recovered", "not recovered"}
PHASES = {"injected", "bitten", "healed", "left"} | ENDS


@needs("journal/fault")
def faults_bitten(evidence: Evidence) -> Finding:
    """Judge the phases of every fault in the journal."""
    by_number: defaultdict[int, list[Row]] = defaultdict(list)
    for record in evidence.faults:
        by_number[record["number"]].append(record)
    if not by_number:
        if evidence.manifest is None:
            return Finding.unknown("there were no faults to judge")
        return Finding.nothing("nothing was hurt: all 0 records of faults were read")
    faults = [fault for number, records in sorted(by_number.items()) for fault in _faults(number, records)]
    numbers = set(range(1, max(by_number) + 1)) - set(by_number)
    faults += [f"there is no record of fault {number}" for number in sorted(numbers)]
    return Finding.judge(faults, seen=len(by_number), what="faults")


def _faults(number: int, records: list[Row]) -> list[str]:
    kinds = {(record["name"], record["target"]) for record in records}
    if len(kinds) > 1:
        both = " and ".join(f"{name} of {target}" for name, target in sorted(kinds))
        return [f"{both} have one number, {number}: which of them did what is not to be told"]
    phases = [record["phase"] for record in records]
    seen = dict(zip(phases, records, strict=True))
    name = f"{records[0]['name']} of {records[0]['target']} ({number})"
    faults = [f"{name}: {phase} {phases.count(phase)} times" for phase in seen if phases.count(phase) > 1]
    faults += [f"{name}: {phase} is no phase of a fault" for phase in seen if phase not in PHASES]
    if "injected" not in seen:
        faults.append(f"{name} was never injected")
    if not seen.get("bitten", {}).get("trace"):
        faults.append(f"{name} never bit")
    if "healed" not in seen:
        faults.append(f"{name} was not healed")
    if late := seen.get("not recovered"):
        faults.append(f"{name}: not recovered within {late['budget']} s")
    recovered = seen.get("recovered")
    if recovered and recovered["seconds"] > recovered["budget"]:
        faults.append(f"{name}: recovery took {recovered['seconds']} s of {recovered['budget']}")
    if seen.get("injected", {}).get("timed") and not ENDS & set(seen):
        faults.append(f"{name}: its recovery was not timed")
    return faults
