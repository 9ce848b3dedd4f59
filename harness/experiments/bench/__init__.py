"""How fast the harness and the product are; each figure is compared with a floor from the same run.

A new benchmark is a function and a line here.
"""

import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from harness.application import App
from harness.base.progress import Progress
from harness.experiments.bench.figure import Figure
from harness.substrates.choice import SUBSTRATES, substrate
from harness.substrates.spec import StackSpec

EVERYWHERE = tuple(SUBSTRATES)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A benchmark, imported when it runs: some need libraries that not every machine has.

    Args:
        path: of its function, `module:name`.
        substrates: substrates on which it makes sense.
        local: whether it makes sense only where roles are processes of this machine.
    """

    path: str
    substrates: tuple[str, ...] = EVERYWHERE
    local: bool = False

    def possible_on(self, name: str) -> bool:
        """Whether it makes sense on a substrate.

        Args:
            name: of the substrate.
        """
        return name in self.substrates and (not self.local or substrate(name).roles_are_local)

    def run(self, rounds: int, progress: Progress, spec: StackSpec) -> Iterator[Figure]:
        """Measure.

        Args:
            rounds: how often.
            progress: told what is measured.
            spec: of the stack that is measured.
        """
        module, _, name = self.path.partition(":")
        function: Callable[[int, Progress, StackSpec], Iterator[Figure]]
        function = getattr(importlib.import_module(module), name)
        return function(rounds, progress, spec)


_HERE = __name__
BENCHMARKS: Mapping[str, Benchmark] = {
    "start": Benchmark(f"{_HERE}.start:start_and_stop", local=True),
    "warm-start": Benchmark(f"{_HERE}.start:warm_start", local=True),
    "reset": Benchmark(f"{_HERE}.reset:reset"),
    "servers": Benchmark(f"{_HERE}.servers:servers", ("containers",)),
    "reuse": Benchmark(f"{_HERE}.reuse:reuse"),
    "image": Benchmark(f"{_HERE}.image:image", ("image",)),
    "trace": Benchmark(f"{_HERE}.trace:trace"),
    "openai": Benchmark(f"{_HERE}.openai:openai", ("embedded",)),
}

__all__ = ["BENCHMARKS", "Benchmark", "Figure", "benchmarks"]


def benchmarks(app: App) -> Mapping[str, Benchmark]:
    """All benchmarks, with the application's own.

    Args:
        app: of the stacks that are measured.
    """
    return {**BENCHMARKS, **app.benchmarks}
