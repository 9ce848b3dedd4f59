"""How sure a measured number is.

One run's latencies depend on each other (a queue has a memory), so an interval over them is wrong: in our measurements a
bootstrap of single jobs covered the true value in 26 to 38 % of all cases, a t-interval over five replicates in 94 to 95 %.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = Sequence[float] | NDArray[np.float64]
CONFIDENCE = 0.95
CONFIDENCE_ABOVE = 0.99  # see of_queue_percentile
BATCH = 5  # MSER-5: White, "An effective truncation heuristic for bias reduction in simulation output", 1997
FEWEST_BATCHES = 4
LEAST = 1e-9  # stands for a percentile of 0, which has no logarithm


@dataclass(frozen=True, slots=True)
class Interval:
    """The interval of the true value, with 95 % confidence.

    Args:
        value: the estimate.
        low: lower bound.
        high: upper bound.
        count: of independent samples, or trials.
    """

    value: float
    low: float
    high: float
    count: int

    def scaled(self, factor: float) -> "Interval":
        return Interval(self.value * factor, self.low * factor, self.high * factor, self.count)


def of_mean(replicates: Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    """A t-interval over independent replicates; one replicate alone says nothing about its own spread.

    Args:
        replicates: a figure of each.
        confidence: probability that the true mean lies within.
    """
    from scipy import stats  # takes seconds, and only who judges needs it

    values = np.asarray(replicates, dtype=float)
    mean = float(values.mean())
    if len(values) < 2:  # noqa: PLR2004 - a spread takes two
        return Interval(mean, -math.inf, math.inf, len(values))
    half = float(stats.t.ppf((1 + confidence) / 2, len(values) - 1) * values.std(ddof=1)) / math.sqrt(
        len(values)
    )
    return Interval(mean, mean - half, mean + half, len(values))


def of_percentile(replicates: Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    """A t-interval of logarithms, for positive and skewed values; the estimate is the geometric mean.

    A replicate that was crowded by chance should raise the upper bound, and not lower the lower bound, too.

    Args:
        replicates: a percentile of each.
        confidence: probability that the true one lies within.
    """
    logs = of_mean(np.log(np.maximum(replicates, LEAST)).tolist(), confidence)
    return Interval(math.exp(logs.value), math.exp(logs.low), math.exp(logs.high), logs.count)


def of_queue_percentile(replicates: Sequence[float]) -> Interval:
    """As of_percentile, but with a higher upper bound, for times in a queue.

    A percentile of a short run of a queue is too low, so of 95 % intervals over five replicates of 300 jobs 4 to 8 % lie wholly
    below the truth, and over five of 36 20 to 25 %, while next to none lie above it. With a bound of 99 % it is 1 to 3 % of 300 and
    3 to 4 % of 100 jobs each; `certainty` simulates it.

    Args:
        replicates: a percentile of each.
    """
    usual, above = of_percentile(replicates), of_percentile(replicates, CONFIDENCE_ABOVE)
    return Interval(usual.value, usual.low, above.high, usual.count)


def of_share(hits: int, trials: int, confidence: float = CONFIDENCE) -> Interval:
    """A Clopper-Pearson interval (1934): exact, so it is rather too wide. Without trials it is 0 to 1.

    Args:
        hits: among the trials.
        trials: independent ones.
        confidence: probability that the true share lies within.
    """
    from scipy import stats  # takes seconds, and only who judges needs it

    if not trials:
        return Interval(0.0, 0.0, 1.0, 0)
    tail = (1 - confidence) / 2
    low = 0.0 if hits == 0 else float(stats.beta.ppf(tail, hits, trials - hits + 1))
    high = 1.0 if hits == trials else float(stats.beta.ppf(1 - tail, hits + 1, trials - hits))
    return Interval(hits / trials, low, high, trials)


def clean_trials(limit: float, confidence: float = CONFIDENCE) -> int:
    """How many trials without a hit it takes to claim a share below a limit, one-sided (the rule of three)."""
    return math.ceil(math.log(1 - confidence) / math.log(1 - limit))


def more_needed(interval: Interval, limit: float) -> int:
    """How many more samples would decide on which side of the limit the value lies, if the estimate stays.

    The half width shrinks with the square root of the number of samples.
    """
    distance = abs(interval.value - limit)
    half = max(interval.high - interval.value, interval.value - interval.low)
    if not distance or math.isinf(half):
        return interval.count or 1
    return max(math.ceil(interval.count * ((half / distance) ** 2 - 1)), 1)


def warm_up(values: Numbers) -> int:
    """How many of the first values to leave out (MSER-5), so that the mean of the rest is most certain."""
    batches = len(values) // BATCH
    if batches < FEWEST_BATCHES:
        return 0
    means = np.asarray(values[: batches * BATCH], dtype=float).reshape(batches, BATCH).mean(axis=1)
    errors = [float(means[cut:].var()) / (batches - cut) for cut in range(batches // 2)]
    return int(np.argmin(errors)) * BATCH


@dataclass(frozen=True, slots=True)
class Slope:
    """A straight line through measurements.

    Args:
        value: rise per unit of time.
        low: lower bound of the rise.
        high: upper bound of the rise.
    """

    value: float
    low: float
    high: float

    @property
    def grows(self) -> bool:
        """Whether it certainly rises."""
        return self.low > 0


def slope(times: Sequence[float], values: Sequence[float]) -> Slope:
    """Least squares, with the interval of the slope; flat where there is too little to see."""
    from scipy import stats  # takes seconds, and only who judges needs it

    if len(times) < 3 or len(set(times)) < 2:  # noqa: PLR2004 - a line has two parameters
        return Slope(0.0, -math.inf, math.inf)
    found = stats.linregress(times, values)
    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(times) - 2) * found.stderr)
    return Slope(float(found.slope), float(found.slope) - half, float(found.slope) + half)
