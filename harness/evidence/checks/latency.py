"""Answers come in time, also during faults: 99 of 100 calls within the budget that the application has declared for them."""

import math
from collections.abc import Iterable, Mapping, Sequence

from harness.evidence.checks.check import Check
from harness.evidence.checks.finding import Finding
from harness.evidence.evidence import Evidence, Row
from harness.evidence.windows import Window, windows

SHARE = 0.99
Budgets = Mapping[tuple[str, str], float]


def latency(budgets: Budgets, asked: str) -> Check:
    """The check for these budgets.

    Args:
        budgets: method and path -> milliseconds.
        asked: the role that answers these calls.
    """

    def judge(evidence: Evidence) -> Finding:
        """Judge the calls that have a budget.

        A call without an answer counts with the time that the client waited, unless the role or its link was hurt at that time:
            then nobody could answer. Where the journal says that the machine is slow, a late answer is unknown.
        """
        hurt = [window for window in windows(evidence) if window.target == asked]
        faults, seen = [], 0
        for (method, path), budget in budgets.items():
            took = [
                call["milliseconds"]
                for call in evidence.calls
                if (call["method"], call["path"]) == (method, path)
                and "milliseconds" in call
                and (call["outcome"] == "answered" or not _nobody_there(call, hurt))
            ]
            seen += len(took)
            if took and (slow := nearest_rank(took, SHARE)) > budget:
                faults.append(
                    f"{method} {path}: p99 of {len(took)} is {slow:.0f} ms, {budget:.0f} are allowed"
                )
        if not (faults or seen) and evidence.manifest is not None:
            return Finding.nothing(f"none of {len(evidence.calls)} calls has a budget")
        if (
            faults
            and (pace := max((record["factor"] for record in evidence.records("pace")), default=1.0)) > 1
        ):
            return Finding.too_slow(faults, pace)
        return Finding.judge(faults, seen=seen, what="calls with a budget")

    return Check(judge, ("journal/call", "journal/fault", "journal/verb"), "latency")


def _nobody_there(call: Row, hurt: Iterable[Window]) -> bool:
    began = call["at"] - call["milliseconds"] / 1000
    return any(window.touches(began, call["at"]) for window in hurt)


def nearest_rank(values: Sequence[float], share: float) -> float:
    """The percentile by the nearest rank: it is one of the values, so no interpolation makes the worst look better.

    Args:
        values: at least one.
        share: share of the values that are at most so large, 0 to 1.
    """
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
