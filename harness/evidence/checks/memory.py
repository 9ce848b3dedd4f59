"""No service has grown beyond the memory that its plan gives it (the tier's memory_mb)."""

from harness.evidence.checks.finding import Finding
from harness.evidence.evidence import Evidence

MB = 1 << 20


def memory(evidence: Evidence) -> Finding:
    """Judge every sample of every node: a peak counts too."""
    samples = evidence.records("sample")
    faults, seen = [], 0
    for sample in samples:
        if sample["allowed"]["memory_mb"] is None:
            continue  # nobody has set a limit
        most = sample["allowed"]["memory_mb"] * MB
        seen += len(sample["memory"])
        faults += [
            f"{node} uses {used / MB:.0f} MB, {most // MB} are allowed"
            for node, used in sample["memory"].items()
            if used > most
        ]
    return Finding.judge(faults, seen=seen, what="samples of nodes")
