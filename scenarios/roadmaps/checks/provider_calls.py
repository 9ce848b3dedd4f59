"""Nobody pays twice: calls to the provider are bounded per step and concept, counted before they are made, and 1 where nothing was hurt.

A worker that gives a claim up uncounts its unfinished calls: each such claim may have made one more call of each step. After an owner's
retry the unsuccessful steps are asked again; their earlier cost is kept in one row.
"""

from collections import Counter

from app.roadmaps.states import EARLIER
from harness import Evidence, Finding, needs
from harness.evidence.windows import windows
from scenarios.roadmaps import kept
from scenarios.roadmaps.request_ledger import Ledger


@needs(
    "journal/*", "logs/*", f"database/{kept.REQUESTS}", f"database/{kept.STEPS}", f"database/{kept.EVENTS}"
)
def provider_calls(evidence: Evidence) -> Finding:
    """Compare every call that the provider recorded with the limit and with the product's count."""
    if nothing := kept.nothing_asked_for(evidence):
        return nothing
    made = Counter(map(kept.asked_for, evidence.provider_calls))
    counted = {(s["request_id"], s["step"], s["concept_id"]): s["attempts"] for s in kept.steps(evidence)}
    if not made and not counted and all(row["fence"] <= 1 for row in kept.requests(evidence)):
        idle = {row["status"] for row in kept.requests(evidence)} <= {"cancelled"}
        if idle and evidence.manifest is not None:
            return Finding.nothing(
                "whatever was asked for was cancelled or deleted: no step, no call of the provider"
            )
    withdrawn = kept.withdrawn(evidence)
    untouched = _untouched(evidence)
    written = _given_back(evidence)
    cut_off = {
        entry.id: max(entry.cut_off, written[entry.id]) for entry in Ledger.of(evidence).entries.values()
    }
    retries = kept.retries(evidence)
    most = kept.max_step_attempts(evidence)
    uncounted: Counter[str] = Counter()
    faults: list[str] = []
    for key, times in sorted(made.items()):
        name = "/".join(key)
        given_back = cut_off.get(key[0], 0)
        allowed = most * (1 + retries[key[0]]) + given_back
        if times > allowed:
            faults.append(f"{name} was asked {times} times, {allowed} are allowed")
        if key[0] in withdrawn and key not in counted:
            continue  # its count was deleted with it
        known = counted.get(key, 0) + given_back
        if times > known:
            uncounted[key[0]] += times - known
            if times - known > counted.get((key[0], EARLIER, ""), 0):
                faults.append(f"{name} was asked {times} times, {known} are counted")
        if times > 1 and key[0] in untouched:
            faults.append(f"{name} was asked {times} times, and nothing was wrong with it")
    faults += [
        f"{one}: {times} calls are counted nowhere, and {counted.get((one, EARLIER, ''), 0)} as earlier ones"
        for one, times in sorted(uncounted.items())
        if times > counted.get((one, EARLIER, ""), 0)
    ]
    faults += _uncalled(counted, made, untouched)
    faults += _unequal(evidence, counted, made, cut_off)
    return Finding.judge(faults, seen=len(made) + len(withdrawn), what="steps")


def _given_back(evidence: Evidence) -> Counter[str]:
    """How often an attempt at a step was given back, by the changes of its row: the worker may have ended before it could log it."""
    times: Counter[tuple[str, ...]] = Counter()
    for change in evidence.records("change"):
        before, after = (change.get("changed") or {}).get("attempts", (None, None))
        if change.get("table") == kept.STEPS and before is not None and after is not None and after < before:
            row = change["row"]
            times[row["request_id"], row["step"], row["concept_id"]] += before - after
    most: Counter[str] = Counter()
    for (request, *_), number in times.items():
        most[request] = max(most[request], number)
    return most


def _uncalled(
    counted: dict[tuple[str, str, str], int], made: Counter[tuple[str, str, str]], untouched: set[str]
) -> list[str]:
    """Counted calls that never reached the provider although no fault was at work."""
    return [
        f"{'/'.join(key)} is counted {times} times, the provider was asked {made[key]} times"
        for key, times in sorted(counted.items())
        if key[0] in untouched and times > made[key]
    ]


def _unequal(
    evidence: Evidence,
    counted: dict[tuple[str, str, str], int],
    made: Counter[tuple[str, str, str]],
    cut_off: dict[str, int],
) -> list[str]:
    """Compare all calls with all counted calls, even for scripted answers: no fault came between them."""
    if evidence.faults or windows(evidence):
        return []
    sums: tuple[Counter[str], Counter[str]] = Counter(), Counter()
    for found, calls in zip(sums, (counted, made), strict=True):
        for key, times in calls.items():
            found[key[0]] += times
    return [
        f"{row['id']}: {sums[0][row['id']]} calls are counted, the provider was asked {sums[1][row['id']]} times"
        for row in kept.requests(evidence)
        if not cut_off.get(row["id"])
        and row["status"] != "cancelled"
        and sums[0][row["id"]] != sums[1][row["id"]]
    ]


def _untouched(evidence: Evidence) -> set[str]:
    """The undisturbed requests: one claim, no fault in their time, and no scripted or cut-off answer."""
    hurt = windows(evidence)
    if any("times" in fault for fault in evidence.faults):
        return set()  # the faults came by other means, at an unknown time
    touched = {
        call["request"] for call in evidence.provider_calls if call["rule"] or call["outcome"] != "replied"
    }
    promises = kept.owners(evidence)
    touched |= {one for one, promise in promises.items() if any(w.ended >= kept.began(promise) for w in hurt)}
    return {
        row["id"] for row in kept.requests(evidence) if row["fence"] == 1 and row["id"] in promises
    } - touched
