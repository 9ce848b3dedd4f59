"""What the product says it paid is what the provider said it cost: never more, and not less where every answer came whole."""

from collections import Counter, defaultdict
from collections.abc import Collection

from app.roadmaps.states import EARLIER
from harness import Evidence, Finding, needs
from harness.evidence.evidence import Row
from harness.evidence.windows import windows
from scenarios.roadmaps import kept
from scenarios.roadmaps.request_ledger import Ledger


@needs("journal/*", "logs/*", f"database/{kept.REQUESTS}", f"database/{kept.STEPS}")
def usage(evidence: Evidence) -> Finding:
    """Compare the stored tokens of each step with those in the provider's answers.

    An answer may be lost on its way, or with its worker. So a step must have the exact sum if one call was made, or if there was no fault and
    no worker gave up; every complete step must have at least its smallest whole answer.
    """
    if nothing := kept.nothing_asked_for(evidence):
        return nothing
    told: Counter[tuple[str, str, str]] = Counter()
    whole: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    calls: Counter[tuple[str, str, str]] = Counter()
    for call in evidence.provider_calls:
        key = kept.asked_for(call)
        told[key] += _tokens(call)
        calls[key] += 1
        if call["outcome"] == "replied":
            whole[key].append(_tokens(call))
    steps = kept.steps(evidence)
    if not calls and not steps and evidence.manifest is not None:
        return Finding.nothing("the provider was asked nothing, and nothing is written down")
    cut_off = {
        entry.id for entry in Ledger.of(evidence).entries.values() if entry.cut_off or entry.fence != 1
    }
    hurt = bool(windows(evidence))
    faults: list[str] = []
    for step in steps:
        key = step["request_id"], step["step"], step["concept_id"]
        if step["step"] == EARLIER:
            continue  # the steps were removed: only the total can be judged
        stored = _tokens(step)
        complete = step.get("status") == "completed"
        once = calls[key] == step["attempts"] == 1
        exact = complete and (once or not (hurt or key[0] in cut_off)) and len(whole[key]) == calls[key]
        least = min(whole[key], default=0) if complete else 0
        if stored > told[key] or (exact and stored != told[key]) or stored < least:
            faults.append(
                f"{'/'.join(key)} is written down with {stored} tokens, the provider told of {told[key]}"
            )
    faults += _all_of_a_retry(evidence, calls) if not hurt else []
    everything = sum(map(_tokens, steps)), sum(told.values())
    if not faults and everything[0] > everything[1]:
        faults.append(f"{everything[0]} tokens are written down, the provider told of {everything[1]}")
    return Finding.judge(faults, seen=len(calls), what="steps")


def _all_of_a_retry(evidence: Evidence, calls: Counter[tuple[str, str, str]]) -> list[str]:
    """Of what its owner tried again, and every claim of ended by its log: all steps, those that went too, against all calls.

    Only where each call cost nothing, or its answer came as the provider makes it, or as the only one of a step that is complete.
    """
    ledger, retries = Ledger.of(evidence).entries, kept.retries(evidence)
    steps, asked = kept.steps(evidence), evidence.provider_calls
    done = {(s["request_id"], s["step"], s["concept_id"]) for s in steps if s.get("status") == "completed"}
    unclear = {
        call["request"]
        for call in asked
        if _tokens(call)
        and not (call["outcome"] == "replied" and (not call["rule"] or _alone(call, calls, done)))
    }
    faults = []
    for one in sorted({one for one, times in retries.items() if times} & set(ledger) - unclear):
        entry = ledger[one]
        if entry.cut_off or not entry.status or entry.ended != len(entry.fences):
            continue
        stored = sum(_tokens(step) for step in steps if step["request_id"] == one)
        told = sum(_tokens(call) for call in asked if call["request"] == one)
        if stored != told:
            faults.append(f"{one} is written down with {stored} tokens in all, the provider told of {told}")
    return faults


def _alone(call: Row, calls: Counter[tuple[str, str, str]], done: Collection[tuple[str, str, str]]) -> bool:
    key = kept.asked_for(call)
    return calls[key] == 1 and key in done


def _tokens(row: Row) -> int:
    return int(row.get("prompt_tokens", 0)) + int(row.get("completion_tokens", 0))
