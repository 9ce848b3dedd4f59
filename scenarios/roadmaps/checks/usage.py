"""What the product says it paid is what the provider said it cost: never more, and not less where every answer came whole."""

from collections import Counter

from app.models import EARLIER
from harness import Evidence, Finding
from harness.evidence.evidence import Row
from scenarios.roadmaps import kept


def usage(evidence: Evidence) -> Finding:
    """Judge the tokens written down for each step against those the provider's answers told of.

    An answer may be lost on its way, or with the worker that got it; so a step is held to the exact sum only where one call
    was made, and the step is complete.
    """
    told: Counter[tuple[str, str, str]] = Counter()
    calls: Counter[tuple[str, str, str]] = Counter()
    for call in evidence.provider_calls:
        key = kept.asked_for(call)
        told[key] += _tokens(call)
        calls[key] += 1
    faults: list[str] = []
    for step in kept.steps(evidence):
        key = step["request_id"], step["step"], step["concept_id"]
        if step["step"] == EARLIER:
            continue  # of steps that are gone: only the whole sum can be judged
        stored = _tokens(step)
        exact = step.get("status") == "completed" and calls[key] == step["attempts"] == 1
        if stored > told[key] or (exact and stored != told[key]):
            faults.append(
                f"{'/'.join(key)} is written down with {stored} tokens, the provider told of {told[key]}"
            )
    everything = sum(map(_tokens, kept.steps(evidence))), sum(told.values())
    if not faults and everything[0] > everything[1]:
        faults.append(f"{everything[0]} tokens are written down, the provider told of {everything[1]}")
    return Finding.judge(faults, seen=len(calls), what="steps")


def _tokens(row: Row) -> int:
    return int(row.get("prompt_tokens", 0)) + int(row.get("completion_tokens", 0))
