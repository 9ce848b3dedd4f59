"""Benchmarks of the product, beside those of any application. A new one is a function and a line here."""

from harness.experiments.bench import Benchmark
from scenarios.roadmaps.bench.interpreters import interpreters

BENCHMARKS = {
    "posting": Benchmark(f"{__name__}.posting:posting", local=True),
    "log-events": Benchmark(f"{__name__}.log_events:log_events"),
    "readiness": Benchmark(f"{__name__}.readiness:readiness", local=True),
    "logins": Benchmark(f"{__name__}.logins:logins", local=True),
    "streams": Benchmark(f"{__name__}.streams:streams", local=True),
    "idle": Benchmark(f"{__name__}.idle:idle", ("embedded",)),
}

__all__ = ["BENCHMARKS", "interpreters"]
