"""How much load a row carries, and which of its roles is the limit."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from harness.load.declaration import LoadTest
from harness.load.locust.demands import Demand
from harness.load.model import carries
from harness.load.record import Run
from harness.load.stats import Interval, of_mean

BUSY = 0.7  # largest utilisation of a role with short work: beyond it, waits grow faster than the load
HOURS_A_MONTH = 730.0


@dataclass(frozen=True, slots=True)
class RoleLoad:
    """One role's part.

    Args:
        role: it is.
        processes: that the row gives it.
        per_job: seconds of a process for each job.
        carries: jobs an hour, with an interval where there is one; None where the run does not show it.
        needed: processes for the nominal load; 0 likewise.
        modelled: whether it is calculated, because this machine has too few cores to measure it.
    """

    role: str
    processes: int
    per_job: float
    carries: Interval | None
    needed: int
    modelled: bool = False


def slots_capacity(run: Run, demand: Demand, test: LoadTest, slots: int | None = None) -> Interval | None:
    """How many jobs an hour the worker's slots carry while the p95 of the time to each keeps to the objective, over the steady replicates.

    A burst does not show that: its calls to the provider all take the same time.

    Args:
        run: recorded.
        demand: with the objective.
        test: whose worker is meant.
        slots: another number than the row's.

    Returns:
        None where there was no steady load, or the time of a slot is unknown.
    """
    slots = slots or run.row.processes[test.worker]
    limit = demand.objectives.time_p95_s
    times = [one.service() * run.speed for one in run.steady() if len(one.service())]
    if not times:
        return None
    return of_mean([carries(slots, service, limit) * 3600 for service in times])


def role_loads(run: Run, demand: Demand, test: LoadTest) -> list[RoleLoad]:
    """Each role's part in one job, and how much its processes carry."""
    found = []
    done = sum(job.done for one in run.replicates for job in one.jobs)
    rate = demand.per_hour
    for role, processes in run.row.processes.items():
        if role == test.worker:
            service = run.service()
            per_job = float(np.mean(service)) if len(service) else 0.0
            reach = slots_capacity(run, demand, test)
            needed = 0 if reach is None else _needed(run, demand, test, 4 * processes)
            found.append(RoleLoad(role, processes, per_job, reach, needed))
            continue
        cpu = sum(one.cpu_seconds.get(role, 0.0) for one in run.replicates)
        per_job = cpu / done if done else 0.0
        capacity = processes * BUSY / per_job * 3600 if per_job else float("inf")
        needed = max(int(np.ceil(rate / 3600 * per_job / BUSY)), 1)
        modelled = not run.row.queues[role] and processes > run.cores
        reach = Interval(capacity, capacity, capacity, 1)
        found.append(RoleLoad(role, processes, per_job, reach, needed, modelled))
    return found


def _needed(run: Run, demand: Demand, test: LoadTest, most: int) -> int:
    """The fewest slots that carry the nominal load, or the most that were tried."""
    for slots in range(1, most):
        reach = slots_capacity(run, demand, test, slots)
        if reach is not None and reach.value >= demand.per_hour:
            return slots
    return most


def cost_per_thousand(run: Run, demand: Demand, test: LoadTest) -> float | None:
    """US dollars for 1,000 jobs at the load that the row carries: measured memory and processor time, and the provider.

    Returns:
        None where the use was not measured.
    """
    reach = slots_capacity(run, demand, test)
    return None if reach is None else cost_at(run, reach.value, run.row.processes, test)


def cost_at(run: Run, rate: float, processes: Mapping[str, int], test: LoadTest) -> float | None:
    """US dollars for 1,000 jobs at a load, for any row: a process costs the measured memory of a process of its role.

    Args:
        run: recorded.
        rate: an hour.
        processes: of the row, by role.
        test: whose run.

    Returns:
        None where the use was not measured, or the rate is 0.
    """
    if run.roles is None or not rate:
        return None
    demands = test.traffic.demands
    prices = demands.prices
    calls = float(demands.workloads[demands.named(run.workload)].calls)
    memory = sum(
        (live.memory_peak or 0) * processes[role] / max(run.row.processes[role], 1)
        for role, live in run.roles.items()
        if role in processes
    )
    done = sum(job.done for one in run.replicates for job in one.jobs)
    cpu = sum(sum(one.cpu_seconds.values()) for one in run.replicates) / max(done, 1)
    hourly = memory / 1e9 * prices.memory_gb_month / HOURS_A_MONTH
    processor = cpu / 3600 * prices.cpu_month / HOURS_A_MONTH
    return 1000 * (hourly / rate + processor + calls * prices.provider_call)
