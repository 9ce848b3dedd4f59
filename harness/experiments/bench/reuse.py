"""How long a run waits for a stack that an earlier run has left running."""

import time
from collections.abc import Iterator

import psutil

from harness.base.progress import Progress
from harness.experiments.bench.figure import Figure
from harness.stack.address import Address
from harness.stack.stack import Stack
from harness.substrates.spec import StackSpec

MOST_OF_A_START = 0.25
GONE_SECONDS = 10


def reuse(rounds: int, progress: Progress, spec: StackSpec) -> Iterator[Figure]:
    """Take over one stack that was left running, again and again.

    Args:
        rounds: how often.
        progress: told what is measured.
        spec: of the stack.
    """
    progress("a stack to be left running")
    began = time.monotonic()
    stack = Stack(spec, "bench")
    stack.start()
    start = time.monotonic() - began
    supervisor = psutil.Process(stack.substrate.detach())
    stack.stop()
    times = []
    for number in range(1, rounds + 1):
        progress(f"{number} of {rounds} rounds")
        address = Address.find(stack.run.id)
        began = time.monotonic()
        taken = Stack.attach(address)
        times.append(time.monotonic() - began)
        taken.stop()
    supervisor.terminate()
    supervisor.wait(GONE_SECONDS)
    stack.run.forget()
    yield Figure.median("ready by --reuse, clean", times)
    shares = [seconds / start for seconds in times]
    yield Figure.ratio("ready by --reuse, of a start", shares, most=MOST_OF_A_START)
