"""How fast the harness and the product are, each figure against a floor that is measured in the same run.

A new benchmark is a function and a line here.
"""

from harness.bench.figure import Figure
from harness.bench.log_events import log_events
from harness.bench.posting import posting
from harness.bench.reset import reset
from harness.bench.start import start_and_stop, warm_start

BENCHMARKS = {
    "start": start_and_stop,
    "warm-start": warm_start,
    "reset": reset,
    "posting": posting,
    "log-events": log_events,
}

__all__ = ["BENCHMARKS", "Figure"]
