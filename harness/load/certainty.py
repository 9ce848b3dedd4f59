"""How often a check decides wrongly on the time to each: whole checks, simulated, of which the truth is known."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.load.model import simulate
from harness.load.stats import Interval, of_queue_percentile

SHARE = 0.95
WARM_UP = 0.1  # of the jobs, as in the profile
TRUTH_JOBS = 200_000
BELOW = 0.9  # of the limit: where a sound row's truth lies


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What a check measures.

    Args:
        service: times of a slot, seconds.
        rate: arrivals a second.
        slots: of the queue.
        jobs: of each replicate.
        replicates: of each check.
        together: whether they are parts of one run, as a client's are.
    """

    service: NDArray[np.float64]
    rate: float
    slots: int
    jobs: int
    replicates: int
    together: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """Shares of the simulated checks.

    Args:
        passed_at_the_limit: though the truth is the limit itself.
        failed_below_it: though the truth is a tenth below the limit.
    """

    passed_at_the_limit: float
    failed_below_it: float


def decided(design: Design, checks: int, seed: int = 1) -> Decided:
    """Simulate checks of a queue whose true percentile one very long run has shown.

    Args:
        design: of each check.
        checks: how many.
        seed: of all chance.
    """
    truth, found = simulated_checks(design, checks, seed)
    return Decided(
        passed_at_the_limit=sum(one.high <= truth for one in found) / checks,
        failed_below_it=sum(one.low > truth / BELOW for one in found) / checks,
    )


def simulated_checks(design: Design, checks: int, seed: int = 1) -> tuple[float, list[Interval]]:
    """What one very long run shows, and the interval of each check.

    Args:
        design: of each check.
        checks: how many.
        seed: of all chance.
    """
    chance = np.random.default_rng(seed)
    truth = float(np.quantile(_times(design, TRUTH_JOBS, chance), SHARE))
    return truth, [of_queue_percentile(_percentiles(design, chance)) for _ in range(checks)]


def _percentiles(design: Design, chance: np.random.Generator) -> list[float]:
    """One check's: of independent replicates, or of the parts of one run."""
    jobs, count = design.jobs, design.replicates
    if design.together:
        parts = np.split(_times(design, jobs * count, chance), count)
    else:
        parts = [_times(design, jobs, chance) for _ in range(count)]
    return [float(np.quantile(part, SHARE)) for part in parts]


def _times(design: Design, jobs: int, chance: np.random.Generator) -> NDArray[np.float64]:
    """In the system, of those after the warm-up."""
    warm = int(jobs * WARM_UP)
    arrivals = np.cumsum(chance.exponential(1 / design.rate, jobs + warm))
    drawn = chance.choice(design.service, jobs + warm)
    times: NDArray[np.float64] = simulate(arrivals, drawn, design.slots) + drawn
    return times[warm:]
