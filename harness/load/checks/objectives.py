"""Whether the tier keeps its promises at its nominal load, with the certainty that so many samples allow."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from harness.load.checks.little import wholes
from harness.load.checks.thresholds import NOBODY_COUNTS, threshold, timed
from harness.load.declaration import LoadTest
from harness.load.judgement import Grade, Sentence, shown_value, surely_at_most
from harness.load.locust.demands import Demand
from harness.load.locust.profiles import STEADY, WARM_UP
from harness.load.locust.recorder import LAG, merged
from harness.load.record import Replicate, Run
from harness.load.stats import CONFIDENCE, clean_trials, of_percentile, of_share

CHANCE = 3.0  # standard deviations


def objectives(run: Run, demand: Demand, test: LoadTest) -> list[Sentence]:
    """Errors, the API's percentiles, the time to each job, the log's lag."""
    steady = run.steady()
    wanted = demand.objectives
    found = _failures(run, wanted.error_rate, test)
    if run.depth == "quick" or not steady:
        said = "percentiles take a steady load, and more samples than a quick check has"
        return [*found, Sentence(about="percentiles", grade=Grade.NOT_JUDGED, said=said)]

    def judged(about: str, value: Callable[[Replicate], float], limit: float, unit: str) -> Sentence:
        return surely_at_most(about, of_percentile([value(one) for one in steady]), limit, unit, "replicates")

    return [
        *found,
        load(run, demand, test),
        _readers(steady, demand),
        judged("API, p95", lambda one: api_ms(one, 95, test.api_kinds), wanted.api_p95_ms, "ms"),
        judged("API, p99", lambda one: api_ms(one, 99, test.api_kinds), wanted.api_p99_ms, "ms"),
        timed(f"time to {test.noun}, p95", run, steady, 0.95, wanted.time_p95_s),
        judged("log lag, p95", log_lag, wanted.log_lag_p95_s, "s"),
        *(threshold(one, run, steady, test) for one in wanted.thresholds),
    ]


def load(run: Run, demand: Demand, test: LoadTest) -> Sentence:
    """Whether the load was as large as the promise says: with less, a pass proves nothing, but a failure still counts.

    A Poisson process of n arrivals is within three times the root of n of its mean, except in three runs of a thousand.
    """
    ones = [one for one in wholes(run) if one.profile in STEADY and len(one.jobs) > 1]
    moments = [[job.intended for job in one.jobs] for one in ones]
    count = sum(len(one) - 1 for one in moments)
    seconds = sum(max(one) - min(one) for one in moments)
    about = f"load, {test.nouns} an hour"
    if not seconds:
        return Sentence(about=about, grade=Grade.INCONCLUSIVE, said="nobody knows how many came")
    came = count / seconds * 3600 / run.speed
    least = demand.per_hour * (1 - CHANCE / math.sqrt(count))
    if came < least:
        said = f"{came:.0f} came, and the promise is about {demand.per_hour:g}: what holds here need not hold there"
        return Sentence(about=about, grade=Grade.INCONCLUSIVE, said=said)
    return Sentence(about=about, grade=Grade.PASS, said=f"{came:.0f} came, of {demand.per_hour:g}")


def _readers(steady: Sequence[Replicate], demand: Demand) -> Sentence:
    """Whether as many people browsed as the promise says: they make most of the API's requests."""
    known = [one.readers for one in steady if one.readers is not None]
    fewest = min(known, default=0) if len(known) == len(steady) else None
    if fewest is None:
        return Sentence(about="readers", grade=Grade.INCONCLUSIVE, said="nobody wrote down how many browsed")
    grade = Grade.PASS if fewest >= demand.readers else Grade.INCONCLUSIVE
    return Sentence(
        about="readers", grade=grade, said=f"{fewest} browsed, and the promise is about {demand.readers}"
    )


def api_ms(one: Replicate, percent: float, kinds: tuple[str, ...]) -> float:
    """A percentile of the API's latency, milliseconds.

    Args:
        one: the replicate.
        percent: which.
        kinds: of requests that count.
    """
    return float(one.histogram(*kinds).get_value_at_percentile(percent)) / 1000


def log_lag(one: Replicate) -> float:
    """The 95th percentile of the log's lag, seconds; if a job ended but its log never came, that counts as later than any limit."""
    lags = [NOBODY_COUNTS if job.log_lag is None else job.log_lag for job in one.judged if job.completed]
    return float(np.quantile(lags, 0.95)) if lags else NOBODY_COUNTS


def _failures(run: Run, limit: float, test: LoadTest) -> list[Sentence]:
    """Failures of jobs and of requests: two shares, so that many good requests do not hide failed jobs."""
    ones = run.steady() or run.replicates
    jobs = [job for one in ones for job in one.judged]
    requests = sum(int(one.histogram(*test.api_kinds).get_total_count()) for one in ones)
    failed = sum(one.failures(*test.api_kinds) for one in ones)
    lost = sum(job.completed is None or job.outcome != test.ended_well for job in jobs)
    about = f"{test.nouns} that failed, or never ended"
    found = [
        surely_at_most(about, of_share(lost, len(jobs)), limit, "%", test.nouns),
        surely_at_most("requests that failed", of_share(failed, requests), limit, "%", "requests"),
    ]
    return [*(_of_few(one, limit, run) for one in found), *_kinds(ones, limit)]


def _kinds(ones: Sequence[Replicate], limit: float) -> list[Sentence]:
    """Kinds of requests with too many failures: a rare kind would be hidden among all the others.

    Among so many kinds, one has too many failures by chance; so together they share the probability of an error (Bonferroni).
    """
    asked: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    for request in (
        each for one in ones for each in one.requests if each.phase != WARM_UP and each.kind != LAG
    ):
        asked[request.kind] += int(merged([request.histogram]).get_total_count())
        failed[request.kind] += request.failures
    confidence = 1 - (1 - CONFIDENCE) / max(len(asked), 1)
    shares = {kind: of_share(failed[kind], count, confidence) for kind, count in asked.items()}
    return [
        surely_at_most(f"{kind}: requests that failed", share, limit, "%", "requests")
        for kind, share in shares.items()
        if share.value > limit
    ]


def _of_few(found: Sentence, limit: float, run: Run) -> Sentence:
    """No failure, but too few samples to prove so small a share, which only a steady load should prove."""
    if found.measured is None or found.measured.value:
        return found
    if found.grade is Grade.PASS:
        return replace(found, grade=Grade.NOT_JUDGED) if run.depth == "quick" else found
    least = clean_trials(limit, (1 + CONFIDENCE) / 2)  # the upper half of an interval is one-sided
    said = f"none of {found.measured.count}; it takes {least} to be sure of {shown_value(limit, '%')}"
    return replace(found, grade=found.grade if run.steady() else Grade.NOT_JUDGED, said=said)
