"""The CPU time for importing a stack's third-party libraries: no start of new interpreters can be faster."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.base.run import ROOT


@dataclass(frozen=True, slots=True)
class Interpreter:
    """An interpreter that a stack starts.

    Args:
        name: for the reader.
        modules: the modules that it imports first.
        after: the process that must have finished its imports before this one is started.
        count: how many of them there are, started at once.
    """

    name: str
    modules: tuple[str, ...]
    after: str = ""
    count: int = 1


def third_party(modules: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    """The third-party modules that importing these brings in, in the order of their import: those that are no folder of the project."""
    ours = ("__main__", "__mp_main__", *(path.stem for path in ROOT.iterdir() if path.is_dir()))
    program = (
        "import importlib, json, sys\n"
        "for name in json.loads(sys.argv[1]): importlib.import_module(name)\n"
        "print(json.dumps([m for m in sys.modules if m.partition('.')[0] not in {*sys.stdlib_module_names}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(modules)],
        env={**os.environ, **environment},
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return [name for name in json.loads(done.stdout) if name.partition(".")[0] not in ours]


def cpu_seconds(modules: Sequence[str]) -> float:
    """CPU seconds of a new interpreter that imports just these modules, its own start included."""
    program = (
        "import importlib, json, sys\nfor name in json.loads(sys.argv[1]): importlib.import_module(name)"
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program, json.dumps(modules)], check=True, cwd=ROOT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def floor(costs: Mapping[str, float], found: Sequence[Interpreter], cores: int) -> tuple[float, str]:
    """The least time in which all of it can be imported, and what decides it.

    Args:
        costs: CPU-seconds of one process, by name.
        found: the processes.
        cores: of this machine.

    Returns:
        Seconds: the longest chain of processes that wait for each other, or all work spread over the cores.
    """
    ends: dict[str, float] = {}
    for process in found:
        ends[process.name] = ends.get(process.after, 0.0) + costs[process.name]
    chain = max(ends.values())
    total = sum(costs[process.name] * process.count for process in found)
    spread = total / cores
    if chain > spread:
        return chain, f"the longest chain of imports, {chain:.2f} s"
    return spread, f"{total:.2f} CPU-seconds of imports on {cores} cores"
