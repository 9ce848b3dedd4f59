"""Whatever is hurt, an answer comes in time: a POST of a roadmap within 6 s, /health within 1 s, 99 of 100 of them."""

import math
from collections.abc import Sequence

from harness.evidence.checks.finding import Finding
from harness.evidence.evidence import Evidence
from scenarios.roadmaps.services import API

# docs/decisions/002-redis-is-a-hint.md; method, path -> milliseconds
BUDGETS = {("POST", "/api/v1/roadmaps"): 6000.0, ("GET", "/health"): 1000.0}
SHARE = 0.99


def latency(evidence: Evidence) -> Finding:
    """Judge the calls that have a budget.

    One without an answer counts with the time it was waited for, unless the API itself, or the way to it, was hurt: then there
    was nobody to answer.
    """
    api_hurt = any(fault["target"] == API for fault in evidence.faults)
    faults, seen = [], 0
    for (method, path), budget in BUDGETS.items():
        took = [
            call["milliseconds"]
            for call in evidence.calls
            if (call["method"], call["path"]) == (method, path)
            and "milliseconds" in call
            and (call["outcome"] == "answered" or not api_hurt)
        ]
        seen += len(took)
        if took and (slow := nearest_rank(took, SHARE)) > budget:
            faults.append(f"{method} {path}: p99 of {len(took)} is {slow:.0f} ms, {budget:.0f} are allowed")
    return Finding.judge(faults, seen=seen, what="calls with a budget")


def nearest_rank(values: Sequence[float], share: float) -> float:
    """The percentile by the nearest rank, which is one of the values: no interpolation flatters the worst.

    Args:
        values: at least one.
        share: of them that are at most so large, 0 to 1.
    """
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
