"""Objectives of one percentile each: of the time to a job's end, and of one kind of request (`p99(GET /orders) < 300ms`)."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from harness.load.declaration import LoadTest
from harness.load.judgement import Grade, Sentence, surely_at_most
from harness.load.locust.threshold import Threshold
from harness.load.record import Replicate, Run
from harness.load.settled import settled, worse
from harness.load.stats import of_percentile, of_share

LEAST_TO_PASS = 100  # jobs of a replicate, for a p95: see of_queue_percentile
USUAL_SHARE = 0.95
NOBODY_COUNTS = 1e9  # seconds: a job that never ended is later than any limit


def timed(about: str, run: Run, steady: list[Replicate], share: float, limit: float) -> Sentence:
    """Judge a time in a queue: a percentile of few jobs is too low, and its interval too narrow, so few jobs can fail but not pass.

    Args:
        about: what is judged.
        run: of which it is.
        steady: its replicates of one rate.
        share: which quantile.
        limit: seconds of the world.
    """
    usual, later = (
        [time_to_end(one, share) * run.speed for one in ones]
        for ones in (steady, settled(steady, NOBODY_COUNTS))
    )
    found = surely_at_most(about, worse(usual, later), limit, "s", "replicates")
    fewest = min(len(one.judged) for one in steady)
    least = round(LEAST_TO_PASS * max((1 - USUAL_SHARE) / (1 - share), 1.0))
    if found.grade is Grade.PASS and fewest < least:
        more = f"; but a part has {fewest}, and it takes {least} to be sure of that"
        return replace(found, grade=Grade.INCONCLUSIVE, said=found.said + more)
    return found


def time_to_end(one: Replicate, share: float) -> float:
    """A quantile, seconds; a job that never ended counts as later than any limit."""
    return float(np.quantile([min(job.seconds, NOBODY_COUNTS) for job in one.judged], share))


def threshold(wanted: Threshold, run: Run, steady: list[Replicate], test: LoadTest) -> Sentence:
    """Judge one line of the objectives. A kind without any request makes the run invalid: it must not look like a fast one.

    Args:
        wanted: the line.
        run: of which it is.
        steady: its replicates of one rate.
        test: whose run.
    """
    if not wanted.of:
        return timed(wanted.line, run, steady, wanted.share, wanted.limit)
    kinds = matching(wanted.of, steady, test)
    if len(kinds) != 1:
        said = (
            f"that may be {' or '.join(kinds)}"
            if kinds
            else "no such request under the steady load of each replicate"
        )
        return Sentence(about=wanted.line, grade=Grade.INVALID, said=said)
    counts = [int(one.histogram_of(kinds[0]).get_total_count()) for one in steady]
    if not wanted.share:
        failed = sum(one.failures_of(kinds[0]) for one in steady)
        return surely_at_most(wanted.line, of_share(failed, sum(counts)), wanted.limit, "%", "requests")
    values = [one.histogram_of(kinds[0]).get_value_at_percentile(wanted.share * 100) / 1e6 for one in steady]
    found = surely_at_most(wanted.line, of_percentile(values), wanted.limit, "s", "replicates")
    least = round(1 / (1 - wanted.share))
    if found.grade is Grade.PASS and min(counts) < least:
        said = f"{found.said}; but a part has {min(counts)}, and of fewer than {least} there is no such percentile"
        return replace(found, grade=Grade.INCONCLUSIVE, said=said)
    return found


def matching(of: str, steady: Sequence[Replicate], test: LoadTest) -> list[str]:
    """The kinds of requests that fit, of those that each replicate has: the exact one, or else those whose path ends so.

    Args:
        of: as it was written, such as `GET /orders`.
        steady: replicates of one rate.
        test: whose they are.
    """
    known = set.intersection(*({request.kind for request in one.requests} for one in steady))
    if of in known:
        return [of]
    method, _, path = of.partition(" ")
    return sorted(
        kind
        for kind in known - {test.traffic.from_intended}
        if path.startswith("/") and kind.startswith(f"{method} ") and kind.endswith(path)
    )
