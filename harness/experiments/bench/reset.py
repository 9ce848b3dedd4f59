"""How long it takes to clean a stack after work has filled its tables."""

import statistics
import time
from collections.abc import Iterator

from harness.base.progress import Progress
from harness.experiments.bench.figure import Figure
from harness.stack.client import use
from harness.stack.reset import empty
from harness.stack.stack import Stack
from harness.substrates.spec import StackSpec

RESETS_PER_ROUND = 5
MOST_TIMES_FLOOR = 2.0
MOST_TAIL = 8.0  # the 95th percentile, times the median


def reset(rounds: int, progress: Progress, spec: StackSpec) -> Iterator[Figure]:
    """Reset one stack after each piece of work; the reset itself is measured apart from the wait until the stack is idle.

    Args:
        rounds: five resets each.
        progress: told what is measured.
        spec: of the stack.
    """
    count = rounds * RESETS_PER_ROUND
    waits, works, floors = [], [], []
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
            # The floor: the servers' own time for a reset, measured at the same time, after the same work.
            use(stack)
            stack.wait_until_idle()
            idle = time.monotonic()
            empty(stack.app, stack.database, stack.redis_urls, stack.servers.others)
            floors.append(time.monotonic() - idle)
            stack.clear()
    yield Figure.median("reset, its own work", works, unit="ms")
    ratios = [work / floor for work, floor in zip(works, floors, strict=True)]
    yield Figure.ratio("reset, its own work, times what the servers need", ratios, most=MOST_TIMES_FLOOR)
    tail = statistics.quantiles(works, n=20, method="inclusive")[-1] / statistics.median(works)
    yield Figure(name="reset, 95th percentile, times the median", value=tail, most=MOST_TAIL)
    yield Figure.median("reset, wait from completed to idle", waits, unit="ms")
