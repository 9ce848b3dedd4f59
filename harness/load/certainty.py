"""How often a check of the time to each job decides wrongly: whole checks are simulated whose true result is known."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.load.model import simulate
from harness.load.settled import steady_from, worse
from harness.load.stats import Interval

SHARE = 0.95
WARM_UP = 0.1  # share of the jobs that is warm-up, as in the profile
TRUTH_JOBS = 200_000
BELOW = 0.9  # share of the limit: the true value of a good row


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What a check measures.

    Args:
        service: times of a slot, seconds.
        rate: arrivals a second.
        slots: of the queue.
        jobs: of each replicate.
        replicates: of each check.
        together: whether they are parts of one run, as with a client.
    """

    service: NDArray[np.float64]
    rate: float
    slots: int
    jobs: int
    replicates: int
    together: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """Shares of the simulated checks that decided wrongly.

    Args:
        passed_at_the_limit: share that passed, although the true value is the limit itself.
        failed_below_it: share that failed, although the true value is a tenth below the limit.
    """

    passed_at_the_limit: float
    failed_below_it: float


def decided(design: Design, checks: int, seed: int = 1) -> Decided:
    """Simulate checks of a queue whose true percentile is known from one very long run.

    Args:
        design: of each check.
        checks: how many.
        seed: seed of all random numbers.
    """
    truth, found = simulated_checks(design, checks, seed)
    return Decided(
        passed_at_the_limit=sum(one.high <= truth for one in found) / checks,
        failed_below_it=sum(one.low > truth / BELOW for one in found) / checks,
    )


def simulated_checks(design: Design, checks: int, seed: int = 1) -> tuple[float, list[Interval]]:
    """The true value from one very long run, and the interval of each check.

    Args:
        design: of each check.
        checks: how many.
        seed: seed of all random numbers.
    """
    chance = np.random.default_rng(seed)
    truth = float(np.quantile(_times(design, TRUTH_JOBS, chance), SHARE))
    return truth, [_check(design, chance) for _ in range(checks)]


def _check(design: Design, chance: np.random.Generator) -> Interval:
    """One check's interval, of independent replicates or of the parts of one run, as the objective has it."""
    jobs, count = design.jobs, design.replicates
    if design.together:
        first, *others = np.split(
            _times(design, jobs * count, chance), [_warm(jobs * count) + jobs * n for n in range(1, count)]
        )
        parts, warm = [first, *others], [_warm(jobs * count), *(0 for _ in others)]
        cut = steady_from([first])
    else:
        parts, warm = [_times(design, jobs, chance) for _ in range(count)], [_warm(jobs)] * count
        cut = steady_from(parts)
    later = [max(cut, least) if least else 0 for least in warm]
    usual, settled = (
        [float(np.quantile(part[begin:], SHARE)) for part, begin in zip(parts, begins, strict=True)]
        for begins in (warm, later)
    )
    return worse(usual, settled)


def _warm(jobs: int) -> int:
    return int(jobs * WARM_UP)


def _times(design: Design, jobs: int, chance: np.random.Generator) -> NDArray[np.float64]:
    """Times in the system, of the warm-up and of so many jobs."""
    count = jobs + _warm(jobs)
    arrivals = np.cumsum(chance.exponential(1 / design.rate, count))
    drawn = chance.choice(design.service, count)
    times: NDArray[np.float64] = simulate(arrivals, drawn, design.slots) + drawn
    return times
