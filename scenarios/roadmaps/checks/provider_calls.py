"""Nobody pays twice: calls to the provider are bounded per step and concept, counted before they are made, and 1 where nothing was hurt.

A worker that gives a claim up gives back the calls that it was at: each such claim may have made one more of each step.
"""

from collections import Counter

from harness import Evidence, Finding
from scenarios.roadmaps import kept
from scenarios.roadmaps.request_ledger import Ledger


def provider_calls(evidence: Evidence) -> Finding:
    """Judge every call the provider recorded against the bound and against what the product counted."""
    made = Counter(map(kept.asked_for, evidence.provider_calls))
    counted = {(s["request_id"], s["step"], s["concept_id"]): s["attempts"] for s in kept.steps(evidence)}
    untouched = _untouched(evidence)
    cut_off = {entry.id: entry.cut_off for entry in Ledger.of(evidence).entries.values()}
    faults: list[str] = []
    for key, times in sorted(made.items()):
        name = "/".join(key)
        given_back = cut_off.get(key[0], 0)
        for most, of_them in (
            (kept.max_step_attempts(evidence) + given_back, "allowed"),
            (counted.get(key, 0) + given_back, "counted"),
        ):
            if times > most:
                faults.append(f"{name} was asked {times} times, {most} are {of_them}")
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
    return {row["id"] for row in kept.requests(evidence) if row["fence"] == 1} - touched
