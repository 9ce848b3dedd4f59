"""How often the interval of an objective covers the true value: the whole check is simulated many times.

Percentiles of a queue's times are biased in a short run, the more so the busier its slots are; so the real confidence of an
interval is not always the intended one.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from harness.load.certainty import Design, simulated_checks
from harness.load.declaration import LoadTest
from harness.load.judgement import Grade, Judgement, Sentence
from harness.load.locust.demands import Demand
from harness.load.record import Run
from harness.load.stats import Interval, of_share

ROUNDS = 200  # rounds, so that the share is known within four points
LEAST_COVERED = 0.90


def coverage(runs: Sequence[Run], demands: Sequence[Demand], test: LoadTest) -> Judgement:
    """Whether the intervals are reliable: where they cover the true value too rarely, they decide nothing.

    Args:
        runs: recorded.
        demands: of their tiers.
        test: whose runs.
    """
    found = [_sentence(run, demand, test) for run, demand in zip(runs, demands, strict=True)]
    return Judgement(check="coverage", sentences=tuple(one for one in found if one is not None))


def _sentence(run: Run, demand: Demand, test: LoadTest) -> Sentence | None:
    steady = run.steady()
    service = run.counting(test.ended_well).service()
    slots, rate = run.row.processes[test.worker], demand.per_hour / 3600
    if len(steady) < 2 or not len(service) or rate * float(np.mean(service)) >= slots:  # noqa: PLR2004 - a spread takes two
        return None
    jobs = int(np.median([len(one.judged) for one in steady]))
    covered = covering(service, rate, slots, jobs, len(steady))
    return Sentence(
        about=f"{run.tier}: interval of the p95 of the time to the {test.noun}",
        grade=Grade.PASS if covered.value >= LEAST_COVERED else Grade.INCONCLUSIVE,
        said=f"covers the true one in {covered.value:.0%} of {covered.count} simulated checks of {len(steady)} replicates "
        f"of {jobs}; {LEAST_COVERED:.0%} is the least",
    )


def covering(
    service: NDArray[np.float64], rate: float, slots: int, jobs: int, replicates: int, rounds: int = ROUNDS
) -> Interval:
    """The share of simulated checks whose interval covers the result of one very long run.

    Args:
        service: measured service times, seconds.
        rate: arrivals a second.
        slots: of the queue.
        jobs: of each replicate.
        replicates: of each check.
        rounds: checks.
    """
    design = Design(service=service, rate=rate, slots=slots, jobs=jobs, replicates=replicates)
    truth, checks = simulated_checks(design, rounds)
    return of_share(sum(one.low <= truth <= one.high for one in checks), rounds)
