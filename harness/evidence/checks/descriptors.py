"""At the end no node holds many more files and sockets than before: so a leak in a fault is seen."""

from harness.evidence.checks.check import needs
from harness.evidence.checks.finding import Finding
from harness.evidence.checks.samples import too_few
from harness.evidence.evidence import Evidence


@needs("journal/sample", "journal/call", "journal/life", "journal/verb")
def descriptors(evidence: Evidence) -> Finding:
    """Judge the last sample of each node against its first one; a pool may have been opened meanwhile."""
    if unknown := too_few(evidence, "descriptors"):
        return unknown
    samples = evidence.records("sample")
    faults, seen = [], 0
    for node in {name for sample in samples for name in sample["descriptors"]}:
        there = [sample for sample in samples if node in sample["descriptors"]]
        held = [sample["descriptors"][node] for sample in there]
        growth = there[-1]["allowed"]["growth"]
        seen += 1
        if held[-1] > held[0] + growth:
            faults.append(
                f"{node} holds {held[-1]} descriptors, it held {held[0]}, {growth} more are allowed"
            )
    if not seen:
        return Finding.nothing(f"no member of a role ran at any of {len(samples)} samples")
    return Finding.judge(sorted(faults), seen=seen, what="nodes")
