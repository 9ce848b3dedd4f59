"""How fast the harness and the product are, each figure against a floor that is measured in the same run.

A new benchmark is a function and a line here.
"""

import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from harness.base.progress import Progress
from harness.experiments.bench.figure import Figure
from harness.substrates.spec import StackSpec

EVERYWHERE = ("embedded", "containers", "image")


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One of them, imported when it is run: some need what not every machine has.

    Args:
        path: of its function, `module:name`.
        substrates: on which it says something.
    """

    path: str
    substrates: tuple[str, ...] = EVERYWHERE

    def run(self, rounds: int, progress: Progress, spec: StackSpec) -> Iterator[Figure]:
        """Measure.

        Args:
            rounds: how often.
            progress: told what is measured.
            spec: of the stack that is measured.
        """
        module, _, name = self.path.partition(":")
        function: Callable[[int, Progress, StackSpec], Iterator[Figure]]
        function = getattr(importlib.import_module(f"{__name__}.{module}"), name)
        return function(rounds, progress, spec)


BENCHMARKS: Mapping[str, Benchmark] = {
    "start": Benchmark("start:start_and_stop", ("embedded", "containers")),
    "warm-start": Benchmark("start:warm_start", ("embedded", "containers")),
    "reset": Benchmark("reset:reset"),
    "posting": Benchmark("posting:posting", ("embedded", "containers")),
    "log-events": Benchmark("log_events:log_events"),
    "servers": Benchmark("servers:servers", ("containers",)),
    "reuse": Benchmark("reuse:reuse"),
    "image": Benchmark("image:image", ("image",)),
    "idle": Benchmark("idle:idle", ("embedded",)),
    "openai": Benchmark("openai:openai", ("embedded",)),
}

__all__ = ["BENCHMARKS", "Figure"]
