"""Whether the row fits: its connections fit PostgreSQL, also while two deployments overlap, and its memory fits the plan."""

from dataclasses import replace

from harness.load.declaration import LoadTest
from harness.load.judgement import ORDER, Grade, Sentence, at_most
from harness.load.locust.demands import Demand
from harness.load.record import Run
from harness.load.stats import slope

MOST_MEMORY = 0.8
MOST_THROTTLED = 0.05
OUTSIDE_THE_POOL = 1  # a worker's main process reports that it lives, on a connection of its own
OUTSIDE = 10  # connections that stay free for clients outside the pools
LEAST_LEAK = 3.0  # connections; a smaller rise over a run may be chance


def budgets(run: Run, _: Demand, __: LoadTest) -> list[Sentence]:
    """Connections by declaration and at their peak, memory, throttling."""
    if run.roles is None:
        return [Sentence(about="budgets", grade=Grade.NOT_JUDGED, said="a client cannot see them")]
    return [*_declared(run), *_connections(run), *_outside(run), *_memory(run)]


def _declared(run: Run) -> list[Sentence]:
    row = run.row
    about = "connections while two deployments overlap"
    if run.connections is None:
        found = [
            Sentence(about=about, grade=Grade.INVALID, said="nobody asked the server how many it allows")
        ]
    else:
        found = [at_most(about, row.connections, run.connections - OUTSIDE)]
    for role, live in (run.roles or {}).items():
        if role in row.processes and live.pool_size is not None:
            same = live.pool_size == row.pool_size
            found.append(
                Sentence(
                    about=f"{role}: connections of a process",
                    grade=Grade.PASS if same else Grade.FAIL,
                    said=f"{live.pool_size}" if same else f"{live.pool_size}, the row says {row.pool_size}",
                    role=role,
                )
            )
    return found


def _connections(run: Run) -> list[Sentence]:
    if not any(one.samples for one in run.replicates):
        said = "nobody looked while there was load"
        return [Sentence(about="connections at their peak", grade=Grade.NOT_JUDGED, said=said)]
    found = []
    for role, processes in run.row.processes.items():
        peak = max(
            (sample.connections.get(role, 0) for one in run.replicates for sample in one.samples), default=0
        )
        budget = processes * run.row.pool_size + OUTSIDE_THE_POOL
        found.append(at_most(f"{role}: connections at their peak", peak, budget, role=role))
    return found


def _outside(run: Run) -> list[Sentence]:
    """Connections outside the pools: they must be few, and must not grow. Growth is a leak, even while they fit."""
    found = []
    for one in (one for one in run.replicates if one.samples):
        counts = [
            sum(n for name, n in sample.connections.items() if name not in run.row.processes)
            for sample in one.samples
        ]
        risen = slope([sample.at for sample in one.samples], counts)
        leaks = risen.grows and risen.value * one.seconds >= LEAST_LEAK
        sentence = at_most("connections outside the pools at their peak", max(counts), OUTSIDE)
        if leaks:
            said = f"{sentence.said}, {risen.value * one.seconds:.0f} more after {one.seconds:.0f} s: a leak"
            sentence = replace(sentence, grade=Grade.FAIL, said=said)
        found.append(sentence)
    return [min(found, key=lambda sentence: ORDER.index(sentence.grade))] if found else []


def _memory(run: Run) -> list[Sentence]:
    found = []
    for role, live in (run.roles or {}).items():
        if live.memory_peak is not None and run.row.memory_mb > 0:
            share = live.memory_peak / (run.row.memory_mb * 1024 * 1024)
            found.append(
                at_most(f"{role}: memory at its peak, of the plan's", share, MOST_MEMORY, "%", role=role)
            )
        if live.throttled is not None:
            found.append(at_most(f"{role}: throttled", live.throttled, MOST_THROTTLED, "%", role=role))
    return found
