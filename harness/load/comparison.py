"""Two runs of the same tier, figure by figure: what differs by more than chance."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy import stats

from harness.load.checks.objectives import api_ms, time_to_end
from harness.load.declaration import LoadTest
from harness.load.judgement import shown_value
from harness.load.record import Replicate, Run
from harness.load.stats import CONFIDENCE, of_mean


@dataclass(frozen=True, slots=True)
class Difference:
    """Of one figure.

    Args:
        said: for a reader.
        worse: whether it is, beyond doubt.
    """

    said: str
    worse: bool


def compare(before: Run, after: Run, test: LoadTest) -> Iterator[Difference]:
    """Welch's test over the replicates of both (Welch 1947); all figures are better when smaller.

    Args:
        before: recorded.
        after: recorded later, at the same speed.
        test: whose runs.
    """
    figures: dict[str, tuple[str, Callable[[Replicate], float]]] = {
        "API, p95": ("ms", lambda one: api_ms(one, 95, test.api_kinds)),
        "API, p99": ("ms", lambda one: api_ms(one, 99, test.api_kinds)),
        f"time to {test.noun}, p95": ("s", lambda one: time_to_end(one, 0.95) * before.speed),
        "service, mean": ("s", lambda one: float(np.mean(one.service())) * before.speed),
    }
    for name, (unit, value) in figures.items():
        old = [value(one) for one in before.steady()]
        new = [value(one) for one in after.steady()]
        if old and new:
            yield _difference(name, unit, old, new)


def _difference(name: str, unit: str, old: list[float], new: list[float]) -> Difference:
    was, now = of_mean(old).value, of_mean(new).value
    two = 2
    chance = (
        float(stats.ttest_ind(old, new, equal_var=False).pvalue)
        if min(len(old), len(new)) >= two
        else math.nan
    )
    sure = chance < 1 - CONFIDENCE
    word = ("worse" if now > was else "better") if sure else "no difference beyond chance"
    change = f"{now / was - 1:+.1%}" if was else ""
    said = f"{name}: {shown_value(was, unit)} -> {shown_value(now, unit)} {change}, {word}"
    return Difference(said, sure and now > was)
