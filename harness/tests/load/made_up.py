"""A run as it would have been recorded on a healthy stack of a tier, made by simulation: no number in it was measured."""

import math
from dataclasses import replace
from functools import cache

import numpy as np

from harness.load.locust.demands import USUAL
from harness.load.locust.profiles import PROFILES, arrivals
from harness.load.locust.recorder import LAG, new_histogram
from harness.load.model import simulate
from harness.load.record import Job, LiveRole, Replicate, Requests, Run, Sample
from harness.tests.load.declared import BAKERY

SPEED = 20.0
OWN_SECONDS = 0.09  # of one in its slot, beside the provider's: as measured on two cores
BEGAN = 1_800_000_000.0


@cache
def made_up(tier="large", *, test=BAKERY, depth="standard", replicates=5, jobs=300):
    """A run of one tier.

    Args:
        tier: of it.
        test: whose run.
        depth: quick has only the burst.
        replicates: with a steady load; a burst comes after them.
        jobs: expected of each.
    """
    demand, wanted = test.traffic.demands.tiers[tier], test.rows()[tier]
    seconds = jobs / demand.per_hour * 3600
    plans = [("nominal", PROFILES["nominal"](demand, seconds))] * (0 if depth == "quick" else replicates)
    burst = replace(demand, objectives=replace(demand.objectives, burst=60))
    plans.append(("burst", PROFILES["burst"](burst, 1)))
    made = [
        _replicate(n, profile, phases, wanted, test, demand.readers)
        for n, (profile, phases) in enumerate(plans)
    ]
    return Run(
        tier=tier,
        depth=depth,
        speed=SPEED,
        cores=64,
        row=wanted,
        roles={role: _role(role, wanted) for role in wanted.processes},
        replicates=tuple(made),
        began=BEGAN,
        workload=USUAL,
        connections=97,
    )


def _role(role, wanted):
    processes = wanted.processes[role]
    return LiveRole(
        processes=processes,
        queues=wanted.queues[role],
        prefetch=processes if wanted.queues[role] else None,
        pool_size=wanted.pool_size,
        memory_peak=80_000_000 + 30_000_000 * processes,
    )


def _replicate(number, profile, phases, wanted, test, readers):
    chance = np.random.default_rng(100 + number)
    plan = list(arrivals(phases, seed=number))
    moments = np.array([arrival.at for arrival in plan]) / SPEED
    workload = test.traffic.demands.workloads[USUAL]
    service = OWN_SECONDS + test.service(workload, chance, len(plan)) / SPEED
    waits = simulate(moments + 0.01, service, wanted.processes[test.worker]).tolist()
    moments, service = moments.tolist(), service.tolist()
    began = BEGAN + number * 10_000
    jobs = [
        Job(
            phase=arrival.phase,
            intended=began + at,
            sent=began + at + 0.001,
            accepted=began + at + 0.01,
            claimed=began + at + 0.01 + wait,
            completed=began + at + 0.01 + wait + needed,
            logged=began + at + 0.3 + wait + needed,
            log_lag=0.3,
            outcome=test.ended_well,
        )
        for arrival, at, wait, needed in zip(plan, moments, waits, service, strict=True)
    ]
    seconds = max(job.completed for job in jobs) - began
    return Replicate(
        profile=profile,
        planned=len(plan),
        seconds=seconds,
        began=began,
        jobs=tuple(jobs),
        requests=tuple(_requests(chance, {arrival.phase for arrival in plan}, len(plan), test)),
        generator_cpu=0.1,
        readers=0 if profile == "burst" else readers,
        provider_cpu=0.05,
        calibration=(0.1, 0.101),
        samples=tuple(
            _sample(began + at, jobs, wanted, test) for at in np.arange(0, seconds + 1, 0.5).tolist()
        ),
        cpu_seconds={role: _cpu(role, wanted, test) * len(plan) for role in wanted.processes},
    )


def _cpu(role, wanted, test):
    """Seconds of a processor for each that is asked for."""
    if role == test.worker:
        return 0.06
    return 0.01 if wanted.queues[role] else 0.03


def _requests(chance, phases, count, test):
    for phase in sorted(phases):
        for kind, median, size in (
            (f"{test.requests[0]}{{id}}/status", 8, 4 * count),
            (test.traffic.from_intended, 12, count),
            (LAG, 0.5, count),
        ):
            histogram = new_histogram()
            for one in chance.lognormal(math.log(median * 1000), 0.4, size):
                histogram.record_value(round(one))
            yield Requests(kind=kind, phase=phase, failures=0, histogram=histogram.encode().decode())


def _sample(at, jobs, wanted, test):
    queued, working = (
        sum(low <= at < high for low, high in spans)
        for spans in (((j.accepted, j.claimed) for j in jobs), ((j.claimed, j.completed) for j in jobs))
    )
    return Sample(
        at=at,
        queued=queued,
        running=working,
        messages=dict.fromkeys(wanted.queues[test.worker], queued),
        taken=working,
        connections={role: n * wanted.pool_size for role, n in wanted.processes.items()} | {"harness": 1},
    )
