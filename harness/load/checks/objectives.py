"""Whether the tier holds what is promised at its nominal load, with the certainty that so many samples allow."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from harness.load.declaration import LoadTest
from harness.load.judgement import Grade, Sentence, shown_value, surely_at_most
from harness.load.locust.demands import Demand
from harness.load.record import Replicate, Run
from harness.load.stats import CONFIDENCE, clean_trials, of_percentile, of_queue_percentile, of_share

LEAST_TO_PASS = 100  # of a replicate: see of_queue_percentile
NOBODY_COUNTS = 1e9  # seconds: what never came is later than any limit


def objectives(run: Run, demand: Demand, test: LoadTest) -> list[Sentence]:
    """Errors, the API's percentiles, the time to each, the log's lag."""
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
        judged("API, p95", lambda one: api_ms(one, 95, test.api_kinds), wanted.api_p95_ms, "ms"),
        judged("API, p99", lambda one: api_ms(one, 99, test.api_kinds), wanted.api_p99_ms, "ms"),
        _time(run, steady, wanted.time_p95_s, test),
        judged("log lag, p95", log_lag, wanted.log_lag_p95_s, "s"),
    ]


def _time(run: Run, steady: list[Replicate], limit: float, test: LoadTest) -> Sentence:
    """In a queue a percentile of few is too low, and its interval too narrow: few can fail, but not pass."""
    reached = of_queue_percentile([time_to_end(one, 0.95) * run.speed for one in steady])
    found = surely_at_most(f"time to {test.noun}, p95", reached, limit, "s", "replicates")
    fewest = min(len(one.judged) for one in steady)
    if found.grade is Grade.PASS and fewest < LEAST_TO_PASS:
        more = f"; but a part has {fewest} {test.nouns}, and it takes {LEAST_TO_PASS} to be sure of that"
        return replace(found, grade=Grade.INCONCLUSIVE, said=found.said + more)
    return found


def api_ms(one: Replicate, percent: float, kinds: tuple[str, ...]) -> float:
    """A percentile of the API's latency, milliseconds.

    Args:
        one: the replicate.
        percent: which.
        kinds: of requests that count.
    """
    return float(one.histogram(*kinds).get_value_at_percentile(percent)) / 1000


def time_to_end(one: Replicate, share: float) -> float:
    """A quantile, seconds; one that never came counts as later than any limit."""
    return float(np.quantile([min(job.seconds, NOBODY_COUNTS) for job in one.judged], share))


def log_lag(one: Replicate) -> float:
    """The 95th percentile of the log's lag, seconds; of what ended, a log that never came is later than any limit."""
    lags = [NOBODY_COUNTS if job.log_lag is None else job.log_lag for job in one.judged if job.completed]
    return float(np.quantile(lags, 0.95)) if lags else NOBODY_COUNTS


def _failures(run: Run, limit: float, test: LoadTest) -> list[Sentence]:
    """Of what was asked for, and of the requests: each a share of its own, for many requests must not hide what failed."""
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
    return [_of_few(one, limit, run) for one in found]


def _of_few(found: Sentence, limit: float, run: Run) -> Sentence:
    """None failed, of too few to be sure of so small a share: a steady load was to show it, and nothing else was."""
    if found.measured is None or found.measured.value:
        return found
    if found.grade is Grade.PASS:
        return replace(found, grade=Grade.NOT_JUDGED) if run.depth == "quick" else found
    least = clean_trials(limit, (1 + CONFIDENCE) / 2)  # the upper half of an interval is one-sided
    said = f"none of {found.measured.count}; it takes {least} to be sure of {shown_value(limit, '%')}"
    return replace(found, grade=found.grade if run.steady() else Grade.NOT_JUDGED, said=said)
