"""Nobody pays twice: calls to the provider are bounded per step and concept, and counted in the database before they are made."""

from collections import Counter

from harness.checks.finding import Finding
from harness.evidence import Evidence


def provider_calls(evidence: Evidence) -> Finding:
    """Judge every call the provider recorded against the bound and against what the product counted."""
    made = Counter((c["request"], c["step"], c["concept"] or "") for c in evidence.provider_calls)
    counted = {(str(s["request_id"]), s["step"], s["concept_id"]): s["attempts"] for s in evidence.steps}
    faults: list[str] = []
    for key, times in sorted(made.items()):
        name = "/".join(key)
        if times > evidence.max_step_attempts:
            faults.append(f"{name} was asked {times} times, {evidence.max_step_attempts} are allowed")
        if times > counted.get(key, 0):
            faults.append(f"{name} was asked {times} times, {counted.get(key, 0)} are counted")
    return Finding.judge(faults, seen=len(made), what="steps")
