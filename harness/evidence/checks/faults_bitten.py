"""Every fault had an effect, was healed, and was recovered from in time: a fault without effect proves nothing."""

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
    slow = [record for record in evidence.faults if record.get("pace")]
    faults = [fault for number, records in sorted(by_number.items()) for fault in _faults(number, records)]
    numbers = set(range(1, max(by_number) + 1)) - set(by_number)
    faults += [f"there is no record of fault {number}" for number in sorted(numbers)]
    if slow and not faults:
        late = [f"{_name(record)}: {_took(record)}" for record in slow]
        return Finding.too_slow(late, max(record["pace"] for record in slow))
    return Finding.judge(faults, seen=len(by_number), what="faults")


def _faults(number: int, records: list[Row]) -> list[str]:
    kinds = {(record["name"], record["target"]) for record in records}
    if len(kinds) > 1:
        both = " and ".join(f"{name} of {target}" for name, target in sorted(kinds))
        return [f"{both} have one number, {number}: which of them did what is not to be told"]
    phases = [record["phase"] for record in records]
    seen = dict(zip(phases, records, strict=True))
    name = _name(records[0])
    faults = [f"{name}: {phase} {phases.count(phase)} times" for phase in seen if phases.count(phase) > 1]
    faults += [f"{name}: {phase} is no phase of a fault" for phase in seen if phase not in PHASES]
    if "injected" not in seen:
        faults.append(f"{name} was never injected")
    if not seen.get("bitten", {}).get("trace"):
        faults.append(f"{name} never bit")
    if "healed" not in seen:
        faults.append(f"{name} was not healed")
    return faults + [f"{name}: {fault}" for fault in _of_its_recovery(seen)]


def _of_its_recovery(seen: dict[str, Row]) -> list[str]:
    """Errors of the recovery time, or of the way it was measured.

    Args:
        seen: the record of each phase.
    """
    faults = []
    injected, recovered = seen.get("injected", {}), seen.get("recovered")
    if late := seen.get("not recovered"):
        faults.append(f"not recovered within {late['budget']} s")
    if recovered and recovered["seconds"] > recovered["budget"] and not recovered.get("pace"):
        faults.append(_took(recovered))
    if recovered and not injected.get("stays_well"):
        if recovered.get("was_well") is None:
            faults.append("nobody asked its probe of recovery while it still hurt")
        elif recovered["was_well"]:
            faults.append("its probe of recovery was true while it still hurt, so that it tells nothing")
    if injected.get("timed") and not ENDS & set(seen):
        faults.append("its recovery was not timed")
    return faults


def _name(record: Row) -> str:
    return f"{record['name']} of {record['target']} ({record['number']})"


def _took(recovered: Row) -> str:
    return f"recovery took {recovered['seconds']} s of {recovered['budget']}"
