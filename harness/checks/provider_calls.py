"""Nobody pays twice: calls to the provider are bounded per step and concept, counted before they are made, and 1 where nothing was hurt."""

from collections import Counter

from harness.checks.finding import Finding
from harness.evidence import Evidence


def provider_calls(evidence: Evidence) -> Finding:
    """Judge every call the provider recorded against the bound and against what the product counted."""
    made = Counter((c["request"], c["step"], c["concept"] or "") for c in evidence.provider_calls)
    counted = {(s["request_id"], s["step"], s["concept_id"]): s["attempts"] for s in evidence.steps}
    untouched = _untouched(evidence)
    faults: list[str] = []
    for key, times in sorted(made.items()):
        name = "/".join(key)
        if times > evidence.max_step_attempts:
            faults.append(f"{name} was asked {times} times, {evidence.max_step_attempts} are allowed")
        if times > counted.get(key, 0):
            faults.append(f"{name} was asked {times} times, {counted.get(key, 0)} are counted")
        if times > 1 and key[0] in untouched:
            faults.append(f"{name} was asked {times} times, and nothing was wrong with it")
    return Finding.judge(faults, seen=len(made), what="steps")


def _untouched(evidence: Evidence) -> set[str]:
    """The requests that nothing was done to: one claim, no fault in the journal, no answer that was scripted or cut short."""
    if evidence.faults:
        return set()
    touched = {
        call["request"] for call in evidence.provider_calls if call["rule"] or call["outcome"] != "replied"
    }
    return {row["id"] for row in evidence.requests if row["fence"] == 1} - touched
