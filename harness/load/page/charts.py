"""The charts of a run: each is a function of the run."""

from collections.abc import Sequence

import numpy as np

from harness.load.checks.budgets import OUTSIDE_THE_POOL
from harness.load.checks.drain import expected_drain
from harness.load.declaration import LoadTest
from harness.load.judgement import shown
from harness.load.locust.demands import Demand
from harness.load.model import Queue, UnstableError
from harness.load.page.plot import Plot
from harness.load.record import Replicate, Run
from harness.load.verdict import Verdict

WINDOWS = 30
SHARES = (0.5, 0.75, 0.9, 0.95, 0.98, 0.99)
CURVE = tuple(n / 100 for n in range(2, 100))
MEGA = 1e6
FAR = 20


def throughput(run: Run, one: Replicate, nouns: str) -> str:
    """Started and ended jobs over time, with the phases; minutes in the world's time."""
    minutes = one.seconds * run.speed / 60
    asked = _rates([(job.intended - one.began) * run.speed / 60 for job in one.jobs], minutes)
    ended = _rates(
        [(job.completed - one.began) * run.speed / 60 for job in one.jobs if job.completed], minutes
    )
    top = max((rate for _, rate in [*asked, *ended]), default=1) * 1.15
    plot = Plot(
        f"{nouns.capitalize()} an hour over time", (0, minutes), (0, top), "minutes", f"{nouns} an hour"
    )
    for number, (phase, low, high) in enumerate(_phases(run, one)):
        if number % 2 == 0:
            plot.band(low, high, phase if number == 0 else "")
    plot.phases(_phases(run, one))
    plot.line(asked, "model", "asked for")
    plot.line(ended, "measured", "ended")
    return plot.interactive()


def latency(run: Run, one: Replicate, demand: Demand, noun: str) -> str:
    """The time of each job, by the moment when it was wanted."""
    minutes = one.seconds * run.speed / 60
    points = sorted(
        ((job.intended - one.began) * run.speed / 60, job.seconds * run.speed)
        for job in one.jobs
        if job.completed is not None
    )
    limit = demand.objectives.time_p95_s
    top = max([limit * 1.15, *(seconds for _, seconds in points)])
    plot = Plot(f"Time to {noun} over time", (0, minutes), (0, top), "minutes", f"seconds to the {noun}")
    plot.area(points)
    plot.phases(_phases(run, one))
    plot.line(points, "measured", "seconds")
    plot.limit(limit, f"p95 objective {limit:g} s")
    return plot.interactive()


def percentiles(run: Run, demand: Demand, test: LoadTest) -> str:
    """The distribution of the time to each job, measured and by the model, on an axis that stretches the tail."""
    steady = run.steady() or list(run.replicates)
    seconds = np.array(
        [job.seconds * run.speed for one in steady for job in one.judged if job.completed is not None]
    )
    limit = demand.objectives.time_p95_s
    measured = [(_stretched(share), float(np.quantile(seconds, share))) for share in CURVE]
    top = max(limit * 1.1, measured[-1][1] * 1.1)
    marks = [(_stretched(share), f"{share * 100:g}") for share in SHARES]
    plot = Plot(
        f"Percentiles of the time to the {test.noun}",
        (0, _stretched(0.99)),
        (0, top),
        "percentile",
        "seconds",
        marks,
    )
    service = run.service()
    if len(service):
        try:
            queue = Queue(run.row.processes[test.worker], demand.per_hour / 3600, service)
            plot.line([(_stretched(share), queue.quantile(share)) for share in CURVE], "model", "model, s")
        except UnstableError:
            pass  # a load that is too large for the slots has no curve
    if run.steady():
        plot.limit(limit, f"p95 objective {limit:g} s")
    plot.line(measured, "measured", "measured, s")
    return plot.interactive(stretched=True)


def backlog(run: Run, one: Replicate, slots: int) -> str:
    """Unfinished jobs during the drain of a burst, and the ideal line for the slots."""
    seconds = one.seconds * run.speed
    points = [
        ((s.at - one.began) * run.speed, float(s.queued + s.running))
        for s in one.samples
        if s.at >= one.began
    ]
    count = float(len(one.jobs))
    plot = Plot("Backlog of a burst", (0, seconds * 1.05), (0, count * 1.1), "seconds", "unfinished")
    plot.line([(0, count), (expected_drain(one, slots) * run.speed, 0.0)], "model", "what the slots need")
    plot.area([point for point in points if point[0] <= seconds * 1.05])
    plot.line([point for point in points if point[0] <= seconds * 1.05], "measured", "unfinished")
    return plot.interactive()


def waiting(run: Run, one: Replicate, test: LoadTest) -> str:
    """Waiting jobs and busy slots under the steady load."""
    minutes, slots = one.seconds * run.speed / 60, run.row.processes[test.worker]
    at = [((s.at - one.began) * run.speed / 60, s) for s in one.samples if s.at >= one.began]
    top = max([slots * 1.2, *(float(s.queued) for _, s in at)])
    plot = Plot("Backlog under the steady load", (0, minutes), (0, top), "minutes", test.nouns)
    plot.area([(x, float(s.queued)) for x, s in at])
    plot.phases(_phases(run, one))
    plot.line([(x, float(s.queued)) for x, s in at], "measured", "waiting")
    plot.line([(x, float(s.running)) for x, s in at], "model", "slots at work")
    plot.limit(slots, f"{slots} {test.column(test.worker).title}")
    return plot.interactive()


def api(one: Replicate, demand: Demand, test: LoadTest) -> str:
    """Percentiles of the API's latency; creations from the moment they were meant to be sent."""
    every, creations = one.histogram(*test.api_kinds), one.histogram(test.traffic.from_intended)
    limit = demand.objectives.api_p95_ms
    curves = [
        [(_stretched(share), histogram.get_value_at_percentile(share * 100) / 1000) for share in CURVE]
        for histogram in (every, creations)
    ]
    top = max(point[1] for curve in curves for point in curve) * 1.15
    marks = [(_stretched(share), f"{share * 100:g}") for share in SHARES]
    plot = Plot(
        "Percentiles of the API's latency", (0, _stretched(0.99)), (0, top), "percentile", "ms", marks
    )
    plot.line(curves[1], "model", "creations, ms")
    plot.line(curves[0], "measured", "all, ms")
    plot.limit(limit, f"p95 objective {limit:g} ms")
    return plot.interactive(stretched=True)


def connections(run: Run, test: LoadTest) -> str:
    """The most connections of each role, against its budget."""
    names = list(run.row.processes)
    peaks = [
        max((s.connections.get(name, 0) for one in run.replicates for s in one.samples), default=0)
        for name in names
    ]
    budgets = [run.row.processes[name] * run.row.pool_size + OUTSIDE_THE_POOL for name in names]
    return _against("Connections to PostgreSQL", names, peaks, budgets, "connections", test)


def memory(run: Run, test: LoadTest) -> str:
    """The most memory of each role, against 80 % of its plan."""
    live = run.roles or {}
    names = [name for name in run.row.processes if name in live and live[name].memory_peak]
    peaks = [(live[name].memory_peak or 0) / MEGA for name in names]
    budgets = [run.row.memory_mb * 0.8 * 1.048576] * len(names)
    return _against("Memory at its peak", names, peaks, budgets, "MB", test)


def capacity(runs: Sequence[Run], verdicts: Sequence[Verdict], demands: Sequence[Demand], nouns: str) -> str:
    """The load that each row carries, with its interval, and its nominal load."""
    known = [(run, v.carries, d) for run, v, d in zip(runs, verdicts, demands, strict=True) if v.carries]
    tops = [min(i.high, 2 * i.value) if i.count > 1 else i.value for _, i, _ in known if i]
    top = max([*tops, *(d.per_hour for d in demands)], default=1) * 1.15
    marks = [(float(n), run.tier) for n, (run, _, _) in enumerate(known)]
    plot = Plot("What each tier carries", (-0.6, len(known) - 0.4), (0, top), "", f"{nouns} an hour", marks)
    for number, (run, interval, demand) in enumerate(known):
        assert interval is not None
        plot.bar(number, interval.value, 0.5, "measured", f"{run.tier}: {shown(interval)}")
        if interval.count > 1:
            plot.spread(number, interval.low, interval.high)
        plot.mark(number, demand.per_hour, "nominal", f"nominal load {demand.per_hour:g}")
    return plot.svg()


def fit(runs: Sequence[Run], pairs: Sequence[tuple[float, float]]) -> str:
    """Measured p95 against the model's: on the diagonal they agree; the band is 25 % to either side."""
    top = max([1.0, *(max(pair) for pair in pairs)]) * 1.3
    plot = Plot("Measured against modelled", (0, top), (0, top), "modelled p95, seconds", "measured")
    plot.line([(0, 0), (top, top)], "model")
    plot.line([(0, 0), (top / 1.25, top)], "edge")
    plot.line([(0, 0), (top, top * 0.75)], "edge")
    for run, (measured, modelled) in zip(runs, pairs, strict=True):
        plot.mark(
            modelled,
            measured,
            "measured",
            f"{run.tier}: {measured:.1f} s measured, {modelled:.1f} s modelled",
        )
    return plot.svg()


def _against(
    title: str,
    names: Sequence[str],
    peaks: Sequence[float],
    budgets: Sequence[float],
    unit: str,
    test: LoadTest,
) -> str:
    # A much larger budget would make the peaks invisible.
    near = max(budgets, default=0) < FAR * max(peaks, default=1)
    top = max([1.0, *(budgets if near else ()), *peaks]) * 1.2
    marks = [(float(n), test.column(name).name.lower()) for n, name in enumerate(names)]
    plot = Plot(title, (-0.6, len(names) - 0.4), (0, top), "", unit, marks)
    for number, (name, peak, budget) in enumerate(zip(names, peaks, budgets, strict=True)):
        if budget <= top:
            plot.bar(number, budget, 0.62, "budget", f"{name}: budget {budget:.0f} {unit}")
        plot.bar(number, peak, 0.4, "measured", f"{name}: {peak:.0f} {unit} of {budget:.0f}")
    return plot.svg()


def _rates(moments: Sequence[float], minutes: float) -> list[tuple[float, float]]:
    counts, edges = np.histogram(moments, bins=WINDOWS, range=(0, max(minutes, 1e-9)))
    width = edges[1] - edges[0]
    return [
        (float(edge + width / 2), float(count / width * 60))
        for count, edge in zip(counts, edges[:-1], strict=True)
    ]


def _phases(run: Run, one: Replicate) -> list[tuple[str, float, float]]:
    """Each phase from its first arrival to the next one's, minutes of the world."""
    names = list(dict.fromkeys(job.phase for job in sorted(one.jobs, key=lambda job: job.intended)))
    firsts = [min(job.intended for job in one.jobs if job.phase == name) for name in names]
    ends = [*firsts[1:], one.began + one.seconds]
    scale = run.speed / 60
    return [
        (name, (low - one.began) * scale, (high - one.began) * scale)
        for name, low, high in zip(names, firsts, ends, strict=True)
    ]


def _stretched(share: float) -> float:
    """Stretch the axis so that the tail takes as much room as the rest."""
    return float(-np.log10(1 - share))
