"""At the end no role holds more connections than allowed: to PostgreSQL at most its pool, to Redis hardly more than before."""

from harness.evidence.checks.check import needs
from harness.evidence.checks.finding import Finding
from harness.evidence.checks.samples import too_few
from harness.evidence.evidence import Evidence


@needs("journal/sample", "journal/call", "journal/life", "journal/verb")
def connections(evidence: Evidence) -> Finding:
    """Compare the last sample with each role's limit, and with the first sample."""
    if unknown := too_few(evidence):
        return unknown
    samples = evidence.records("sample")
    first, last = samples[0], samples[-1]
    faults = []
    for role, held in last["connections"].items():
        allowed = max(first["connections"].get(role, 0), last["allowed"]["connections"].get(role, 0))
        if held > allowed:
            faults.append(f"{role} holds {held} connections to PostgreSQL, {allowed} are allowed")
    most = first["redis"] + max(sample["allowed"]["growth"] for sample in samples)
    if last["redis"] > most:
        faults.append(f"Redis has {last['redis']} clients, it had {first['redis']}, {most} are allowed")
    return Finding.judge(faults, seen=len(samples), what="samples")
