"""No service has grown beyond the memory that its plan gives it (the tier's memory_mb)."""

from harness.evidence.checks.check import needs
from harness.evidence.checks.finding import Finding
from harness.evidence.checks.samples import too_few
from harness.evidence.evidence import Evidence

MB = 1 << 20


@needs("journal/sample", "journal/call", "journal/life", "journal/verb")
def memory(evidence: Evidence) -> Finding:
    """Judge every sample of every node: a peak counts too."""
    if unknown := too_few(evidence, "memory"):
        return unknown
    samples = evidence.records("sample")
    if all(sample["allowed"]["memory_mb"] is None for sample in samples):
        return Finding.nothing("nobody has set a limit: no sample has a memory_mb")
    faults, seen = [], 0
    for sample in samples:
        if sample["allowed"]["memory_mb"] is None:
            return Finding.unknown("one sample has a limit, and another one has none")
        most = sample["allowed"]["memory_mb"] * MB
        seen += len(sample["memory"])
        faults += [
            f"{node} uses {used / MB:.0f} MB, {most // MB} are allowed"
            for node, used in sample["memory"].items()
            if used > most
        ]
    if not seen:
        return Finding.nothing(f"no member of a role ran at any of {len(samples)} samples")
    return Finding.judge(faults, seen=seen, what="samples of nodes")
