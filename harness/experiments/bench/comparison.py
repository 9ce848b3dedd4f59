"""Compares two runs of the benchmarks: the factor between each old and new ratio, and whether that is more than chance.

Only ratios are compared. A time of another run comes from another machine, or from another hour on the same one.
"""

import enum
import math
import random
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from harness.experiments.bench.figure import Figure

RESAMPLES = 4_000  # resamples of each figure, so that the ends of an interval are exact to a few hundredths
ERROR = 0.05  # share of comparisons of equal runs that wrongly report a difference
# Rounds of each run: with fewer, a bootstrap proves nothing (Efron and Tibshirani, 1993, section 12).
LEAST_ROUNDS = 5
MATTERS = 1.05  # factor: a smaller change does not matter


class Change(enum.StrEnum):
    """The change of a figure."""

    SAME = "no difference"
    BETTER = "better"
    WORSE = "WORSE"
    UNKNOWN = "not compared"


class NotAComparisonError(ValueError):
    """The file has no figures of an earlier run."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure, now and before.

    Args:
        name: of it.
        change: its change.
        times: the figure before; None where it was not compared.
        interval: of `times`, at a level at which all of a run's figures together are wrong in 5 of 100 comparisons of equal runs.
        why: it was not compared.
    """

    name: str
    change: Change
    times: float | None = None
    interval: tuple[float, float] | None = None
    why: str = ""


def earlier(document: Any) -> dict[str, Figure]:
    """The figures of an earlier run, by name.

    Args:
        document: what `harness bench --json` has written.

    Raises:
        NotAComparisonError: it is something else.
    """
    try:
        figures = [_figure(entry) for entry in document]
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise NotAComparisonError(f"it is not what harness bench --json writes: {error!r}") from None
    if not figures:
        raise NotAComparisonError("it has no figure")
    return {figure.name: figure for figure in figures}


def _figure(entry: dict[str, Any]) -> Figure:
    samples = tuple(float(value) for value in entry["samples"])
    value = float(entry["value"])
    if not all(map(math.isfinite, (value, *samples))):
        raise ValueError("a value that is no number")
    return Figure(name=str(entry["name"]), value=value, unit=str(entry["unit"]), samples=samples)


@dataclass(frozen=True, slots=True)
class Comparison:
    """All figures of two runs."""

    figures: tuple[Compared, ...]

    @classmethod
    def of(cls, now: Iterable[Figure], before: dict[str, Figure]) -> Self:
        """Compare.

        Args:
            now: this run's.
            before: the earlier one's, by name.
        """
        found = {figure.name: figure for figure in now}
        known = {name: _incomparable(found.get(name), before.get(name)) for name in (*found, *before)}
        count = sum(not why for why in known.values())
        return cls(
            tuple(
                Compared(name, Change.UNKNOWN, why=why)
                if why
                else _compared(found[name], before[name], count)
                for name, why in known.items()
            )
        )

    @property
    def worse(self) -> list[str]:
        """Names of the figures that have become worse."""
        return [one.name for one in self.figures if one.change is Change.WORSE]

    @property
    def compared(self) -> bool:
        """Whether there was anything to compare."""
        return any(one.change is not Change.UNKNOWN for one in self.figures)


def _incomparable(now: Figure | None, before: Figure | None) -> str:
    """Why two figures are not compared; empty where they are."""
    if now is None or before is None:
        return "only in this run" if before is None else "only in the earlier run"
    if now.unit or before.unit:
        return "no ratio: a time or a count of another run says nothing"
    rounds = min(len(now.samples), len(before.samples))
    if rounds < LEAST_ROUNDS:
        return f"{rounds} rounds, {LEAST_ROUNDS} are needed of each run"
    if min(*now.samples, *before.samples) <= 0:
        return "not all of its values are above nought"
    return ""


def _compared(now: Figure, before: Figure, count: int) -> Compared:
    times = now.value / before.value
    low, high = _interval(now.samples, before.samples, ERROR / count)
    if low <= 1 <= high or 1 / MATTERS < times < MATTERS:
        change = Change.SAME
    else:
        grows_worse = now.least is None  # a figure with a least value is better when larger
        change = Change.WORSE if (times > 1) == grows_worse else Change.BETTER
    return Compared(now.name, change, times, (low, high))


def _interval(now: Sequence[float], before: Sequence[float], error: float) -> tuple[float, float]:
    """The interval of one median over the other, by a bootstrap of both (percentiles); the same for the same values."""
    chance = random.Random(0)  # noqa: S311 - no secret
    ratios = sorted(
        statistics.median(chance.choices(now, k=len(now)))
        / statistics.median(chance.choices(before, k=len(before)))
        for _ in range(RESAMPLES)
    )
    cut = int(RESAMPLES * error / 2)
    return ratios[cut], ratios[-1 - cut]
