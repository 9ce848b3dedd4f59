"""Whatever is hurt, an answer comes in time: 99 of 100 calls within the budget that the application has declared for them."""

import math
from collections.abc import Callable, Mapping, Sequence

from harness.evidence.checks.finding import Finding
from harness.evidence.evidence import Evidence

SHARE = 0.99
Budgets = Mapping[tuple[str, str], float]


def latency(budgets: Budgets, asked: str) -> Callable[[Evidence], Finding]:
    """The check for these budgets.

    Args:
        budgets: method and path -> milliseconds.
        asked: the role whose calls they are.
    """

    def judge(evidence: Evidence) -> Finding:
        """Judge the calls that have a budget.

        One without an answer counts with the time it was waited for, unless the role itself, or the way to it, was hurt: then
        there was nobody to answer.
        """
        hurt = any(fault["target"] == asked for fault in evidence.faults)
        faults, seen = [], 0
        for (method, path), budget in budgets.items():
            took = [
                call["milliseconds"]
                for call in evidence.calls
                if (call["method"], call["path"]) == (method, path)
                and "milliseconds" in call
                and (call["outcome"] == "answered" or not hurt)
            ]
            seen += len(took)
            if took and (slow := nearest_rank(took, SHARE)) > budget:
                faults.append(
                    f"{method} {path}: p99 of {len(took)} is {slow:.0f} ms, {budget:.0f} are allowed"
                )
        return Finding.judge(faults, seen=seen, what="calls with a budget")

    judge.__name__ = "latency"
    return judge


def nearest_rank(values: Sequence[float], share: float) -> float:
    """The percentile by the nearest rank, which is one of the values: no interpolation flatters the worst.

    Args:
        values: at least one.
        share: of them that are at most so large, 0 to 1.
    """
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
