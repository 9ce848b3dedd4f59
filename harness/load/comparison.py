"""Compares two runs: is one better or worse, by more than chance and by enough to matter?"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from harness.load.checks.drain import drained
from harness.load.checks.objectives import api_ms, log_lag
from harness.load.checks.thresholds import NOBODY_COUNTS, time_to_end
from harness.load.declaration import LoadTest
from harness.load.judgement import shown_value
from harness.load.record import Replicate, Run
from harness.load.stats import CONFIDENCE

MATTERS = 0.05  # share of a figure: no user notices less, and two machines differ by more
NARROW = 1e-9  # of logarithms
DRAIN_MATTERS = 0.10  # a burst is one figure for each run; equal runs differ by less


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The difference of one figure of one tier.

    Args:
        tier: it is of.
        name: of the figure.
        was: value before, as text.
        now: value after, as text.
        change: its size and its certainty, as text.
        worse: whether it is certainly worse, by enough to matter.
        better: whether it is certainly better, by enough to matter.
    """

    tier: str
    name: str
    was: str
    now: str
    change: str
    worse: bool
    better: bool

    @property
    def said(self) -> str:
        """The difference in a line."""
        return f"{self.name}: {self.was} -> {self.now} {self.change}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figure:
    """Two values with the probability that chance alone makes them so different; None where only their size decides."""

    tier: str
    name: str
    unit: str
    was: float
    now: float
    chance: float | None
    matters: float = MATTERS


def compare(before: Sequence[Run], after: Sequence[Run], test: LoadTest) -> list[Difference]:
    """Every figure of every tier; all are better when smaller.

    Replicates are compared by Welch's test of their logarithms (Welch 1947), failures by Fisher's exact test. Among so many
    tests, one finds something by chance: they are corrected by Holm's method (Holm 1979).

    Args:
        before: recorded, one a tier.
        after: recorded later, of the same tiers in the same order, at the same speed.
        test: whose runs.
    """
    pairs = [
        (old.counting(test.ended_well), new.counting(test.ended_well))
        for old, new in zip(before, after, strict=True)
    ]
    figures = [figure for old, new in pairs for figure in _figures(old, new, test)]
    sure = _holm([figure.chance for figure in figures if figure.chance is not None])
    return [_difference(one, sure.pop(0) if one.chance is not None else True) for one in figures]


def _figures(before: Run, after: Run, test: LoadTest) -> Iterator[_Figure]:
    tier = before.tier
    values: dict[str, tuple[str, Callable[[Replicate], float]]] = {
        "API, p95": ("ms", lambda one: api_ms(one, 95, test.api_kinds)),
        "API, p99": ("ms", lambda one: api_ms(one, 99, test.api_kinds)),
        f"time to {test.noun}, p95": ("s", lambda one: time_to_end(one, 0.95) * before.speed),
        "service, mean": ("s", lambda one: _mean_service(one) * before.speed),
        "log lag, p95": ("s", log_lag),
    }
    for name, (unit, value) in values.items():
        old, new = ([value(one) for one in run.steady() if one.judged] for run in (before, after))
        if old and new and not any(map(math.isnan, (*old, *new))):
            was, now = (math.exp(float(np.log(one).mean())) for one in (old, new))
            yield _Figure(tier=tier, name=name, unit=unit, was=was, now=now, chance=_welch(old, new))
    failed = [[_failed(run, test), sum(len(one.judged) for one in run.replicates)] for run in (before, after)]
    if all(count for _, count in failed):
        table = [[lost, count - lost] for lost, count in failed]
        was, now = (lost / count for lost, count in failed)
        from scipy import stats

        chance = float(stats.fisher_exact(table).pvalue)
        yield _Figure(tier=tier, name=f"{test.nouns} that failed", unit="%", was=was, now=now, chance=chance)
    old, new = ([_drain(one) * before.speed for one in run.bursts() if one.jobs] for run in (before, after))
    if old and new:
        was, now = max(old), max(new)
        yield _Figure(tier=tier, name="drain", unit="s", was=was, now=now, chance=None, matters=DRAIN_MATTERS)


def _mean_service(one: Replicate) -> float:
    service = one.service()
    return float(service.mean()) if len(service) else math.nan


def _failed(run: Run, test: LoadTest) -> int:
    return sum(
        job.completed is None or job.outcome != test.ended_well
        for one in run.replicates
        for job in one.judged
    )


def _drain(one: Replicate) -> float:
    """The drain time of a burst; infinite if any job failed."""
    return NOBODY_COUNTS if any(job.completed is None for job in one.jobs) else drained(one)


def _welch(old: Sequence[float], new: Sequence[float]) -> float:
    """Welch's test of logarithms; equal values do not differ, and one replicate alone proves nothing."""
    if min(len(old), len(new)) < 2 or list(old) == list(new):  # noqa: PLR2004 - a spread takes two
        return 1.0
    was, now = np.log(old), np.log(new)
    if max(np.ptp(was), np.ptp(now)) < NARROW:  # without any spread, every difference counts
        return float(np.isclose(was.mean(), now.mean(), atol=NARROW))
    figures = [figure for one in (was, now) for figure in (one.mean(), one.std(ddof=1), len(one))]
    from scipy import stats

    return float(stats.ttest_ind_from_stats(*figures, equal_var=False).pvalue)


def _holm(chances: Sequence[float]) -> list[bool]:
    """Which of all these are beyond chance: the smallest is compared with 1 - confidence over their number, and so on."""
    order = sorted(range(len(chances)), key=chances.__getitem__)
    sure = [False] * len(chances)
    for rank, at in enumerate(order):
        if chances[at] > (1 - CONFIDENCE) / (len(chances) - rank):
            break
        sure[at] = True
    return sure


def _difference(one: _Figure, sure: bool) -> Difference:
    change = one.now / one.was - 1 if one.was else (math.inf if one.now else 0.0)
    matters = sure and abs(change) >= one.matters
    word = ("worse" if change > 0 else "better") if matters else "no difference beyond chance that matters"
    shown = f"{change:+.1%}, " if math.isfinite(change) else ""
    return Difference(
        tier=one.tier,
        name=one.name,
        was=shown_value(one.was, one.unit),
        now=shown_value(one.now, one.unit),
        change=f"{shown}{word}",
        worse=matters and change > 0,
        better=matters and change < 0,
    )
