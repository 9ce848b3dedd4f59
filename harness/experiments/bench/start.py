"""How long a stack takes to start and to stop: each role in a new interpreter, and forked from a warm process."""

import contextlib
import os
import sys
import time
from collections.abc import Iterator

from harness.application import current
from harness.base.progress import Progress
from harness.experiments.bench.figure import Figure
from harness.experiments.bench.imports import cpu_seconds, floor, third_party
from harness.nodes.fork_server_client import ForkServerClient
from harness.stack.stack import Stack
from harness.substrates.spec import StackSpec

MOST_TIMES_FLOOR = 1.5
MOST_OF_SPAWNED = 0.25  # limits as shares of a start: for a forked start, and for a stop


def start_and_stop(rounds: int, progress: Progress, spec: StackSpec) -> Iterator[Figure]:
    """Start new stacks, one after the other, servers included.

    Args:
        rounds: how many.
        progress: told what is measured.
        spec: of the stack.
    """
    progress("the imports of each process")
    with Stack(spec, "bench") as stack:  # a machine's first start also makes the database's template
        found = stack.app.interpreters(stack.tier)
        environment = {
            name: value for given in reversed(stack.environments.values()) for name, value in given.items()
        }
        modules = {process.name: third_party(process.modules, environment) for process in found}
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    starts, stops, ratios = [], [], []
    for number in range(1, rounds + 1):
        # Both at the same time: a shared machine has another speed a minute later.
        progress(f"the imports of each process, {number} of {rounds}")
        costs = {name: cpu_seconds(imported) for name, imported in modules.items()}
        least, why = floor(costs, found, cores) if found else (0.0, "")
        progress(f"start and stop {number} of {rounds}")
        start, stop = cycle(spec, None)
        starts.append(start)
        stops.append(stop)
        ratios += [start / least] if least else []
    yield Figure.median("start, spawned", starts)
    if ratios:
        yield Figure.ratio(
            "start, spawned, times its floor", ratios, why=f"the last floor: {why}", most=MOST_TIMES_FLOOR
        )
    yield Figure.median("stop", stops)
    shares = [stop / start for stop, start in zip(stops, starts, strict=True)]
    yield Figure.ratio("stop, of a spawned start", shares, most=MOST_OF_SPAWNED)


def warm_start(rounds: int, progress: Progress, spec: StackSpec) -> Iterator[Figure]:
    """Start stacks that are forked from one warm process, each together with a spawned one.

    Args:
        rounds: how many.
        progress: told what is measured.
        spec: of the stack.
    """
    if sys.platform != "linux":
        return
    progress("the warm process")
    began = time.monotonic()
    app = current()
    with ForkServerClient(app.libraries, app.read_at_import) as parent:
        yield Figure(name="start of the warm process, once", value=time.monotonic() - began, unit="s")
        starts, shares = [], []
        for number in range(rounds + 1):  # the caches are empty for the first one
            progress(f"start {number} of {rounds}, spawned and forked")
            spawned = cycle(spec, None)[0]
            starts.append(cycle(spec, parent)[0])
            shares.append(starts[-1] / spawned)
        yield Figure.median("start, forked", starts[1:])
        yield Figure.ratio("start, forked, of a spawned one", shares[1:], most=MOST_OF_SPAWNED)


def cycle(spec: StackSpec, parent: ForkServerClient | None) -> tuple[float, float]:
    """Start a stack and stop it; seconds of each."""
    with contextlib.ExitStack() as running:
        began = time.monotonic()
        stack = Stack(spec, "bench", fork_server=parent)
        running.callback(stack.stop)
        stack.start()
        start = time.monotonic() - began
        running.pop_all()
    began = time.monotonic()
    stack.stop()
    return start, time.monotonic() - began
