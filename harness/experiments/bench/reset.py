"""How long it takes to make a stack as if it were new, once work has filled its tables."""

import statistics
import time
from collections.abc import Iterator

from harness.base.progress import Progress
from harness.experiments.bench.figure import Figure
from harness.stack.client import use
from harness.stack.stack import Stack
from harness.substrates.spec import StackSpec

RESETS_PER_ROUND = 5
MOST_MEDIAN_MS = 20.0
MOST_P95_MS = 60.0


def reset(rounds: int, progress: Progress, spec: StackSpec) -> Iterator[Figure]:
    """Reset one stack after one piece of work each; its own work apart from the wait until nothing moves any more.

    Args:
        rounds: five resets each.
        progress: told what is measured.
        spec: of the stack.
    """
    count = rounds * RESETS_PER_ROUND
    waits, works = [], []
    progress("a stack")
    with Stack(spec, "bench") as stack:
        for number in range(1, count + 1):
            progress(f"work and reset {number} of {count}")
            use(stack)
            ended = time.monotonic()
            stack.wait_until_idle()
            idle = time.monotonic()
            stack.clear()
            waits.append(idle - ended)
            works.append(time.monotonic() - idle)
    yield Figure.median("reset, its own work", works, unit="ms", most=MOST_MEDIAN_MS)
    p95 = statistics.quantiles(works, n=20, method="inclusive")[-1] * 1000
    yield Figure(name="reset, its own work, 95th percentile", value=p95, unit="ms", most=MOST_P95_MS)
    yield Figure.median("reset, wait from completed to idle", waits, unit="ms")
