"""Finds where a run becomes steady: MSER-5 over the mean of its replicates (White 1997; the mean over replicates is Welch's, 1983).

A queue begins empty, so the times of a warm-up are too good to be judged. Jobs that MSER-5 would leave out beyond the profile's
tenth are left out only if that makes a figure worse: MSER-5 also cuts off a beginning that was crowded by chance, and then the
wrong passes of simulated checks rose from 3 to 8 %.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from harness.load.locust.profiles import WARM_UP
from harness.load.record import Replicate
from harness.load.stats import Interval, Numbers, of_queue_percentile, warm_up


def steady_from(series: Sequence[Numbers]) -> int:
    """How many of the first values must be left out.

    Args:
        series: values of each replicate, in order, the warm-up included.
    """
    shortest = min(map(len, series), default=0)
    return (
        warm_up(np.mean([np.asarray(one[:shortest], dtype=float) for one in series], axis=0))
        if shortest
        else 0
    )


def worse(usual: Sequence[float], settled: Sequence[float]) -> Interval:
    """The interval of a time in a queue: the higher one of two.

    Args:
        usual: percentile of each replicate after the profile's warm-up.
        settled: percentile of each replicate after MSER-5's warm-up.
    """
    return max(map(of_queue_percentile, (usual, settled)), key=lambda one: one.high)


def settled(steady: Sequence[Replicate], longest: float) -> list[Replicate]:
    """The replicates with MSER-5's warm-up. Where they are parts of one run, only the first has a warm-up.

    Args:
        steady: of one rate throughout.
        longest: seconds that count for a job that never ended.
    """
    firsts = {one.began: one for one in reversed(steady)}
    ordered = {began: sorted(one.jobs, key=lambda job: job.intended) for began, one in firsts.items()}
    count = steady_from([[min(job.seconds, longest) for job in jobs] for jobs in ordered.values()])

    def cut(one: Replicate) -> Replicate:
        if firsts[one.began] is not one:
            return one
        jobs = ordered[one.began]
        return replace(one, jobs=(*(replace(job, phase=WARM_UP) for job in jobs[:count]), *jobs[count:]))

    return [cut(one) for one in steady]
