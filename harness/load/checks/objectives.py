"""Whether the tier holds what is promised at its nominal load, with the certainty that so many samples allow."""

from collections.abc import Callable

import numpy as np

from harness.load.declaration import LoadTest
from harness.load.judgement import Grade, Sentence, surely_at_most
from harness.load.locust.demands import Demand
from harness.load.record import Replicate, Run
from harness.load.stats import of_percentile, of_share

NOBODY_COUNTS = 1e9  # seconds: what never came is later than any limit


def objectives(run: Run, demand: Demand, test: LoadTest) -> list[Sentence]:
    """Errors, the API's percentiles, the time to each, the log's lag."""
    steady = run.steady()
    if run.depth == "quick" or not steady:
        return [
            Sentence(
                about="objectives",
                grade=Grade.NOT_JUDGED,
                said="a quick check has too few samples to say anything of percentiles",
            )
        ]
    wanted = demand.objectives

    def judged(about: str, value: Callable[[Replicate], float], limit: float, unit: str) -> Sentence:
        return surely_at_most(about, of_percentile([value(one) for one in steady]), limit, unit, "replicates")

    return [
        _errors(steady, wanted.error_rate, test),
        judged("API, p95", lambda one: api_ms(one, 95, test.api_kinds), wanted.api_p95_ms, "ms"),
        judged("API, p99", lambda one: api_ms(one, 99, test.api_kinds), wanted.api_p99_ms, "ms"),
        judged(
            f"time to {test.noun}, p95",
            lambda one: time_to_end(one, 0.95) * run.speed,
            wanted.time_p95_s,
            "s",
        ),
        judged("log lag, p95", _log_lag, wanted.log_lag_p95_s, "s"),
    ]


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


def _log_lag(one: Replicate) -> float:
    lags = [NOBODY_COUNTS if job.log_lag is None else job.log_lag for job in one.judged if job.completed]
    return float(np.quantile(lags, 0.95)) if lags else NOBODY_COUNTS


def _errors(steady: list[Replicate], limit: float, test: LoadTest) -> Sentence:
    requests = sum(int(one.histogram(*test.api_kinds).get_total_count()) for one in steady)
    failed = sum(one.failures(*test.api_kinds) for one in steady)
    jobs = [job for one in steady for job in one.judged]
    lost = sum(job.outcome != test.ended_well for job in jobs if job.accepted is not None)
    measured = of_share(failed + lost, requests + len(jobs))
    return surely_at_most("errors", measured, limit, "%", "requests")
