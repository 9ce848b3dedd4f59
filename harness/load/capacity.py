"""What a row carries, and which of its roles binds."""

from dataclasses import dataclass

import numpy as np

from harness.load.declaration import LoadTest
from harness.load.locust.demands import Demand
from harness.load.model import carries
from harness.load.record import Run
from harness.load.stats import Interval, of_mean

BUSY = 0.7  # of a role whose work is short: beyond that its waits grow faster than its load
HOURS_A_MONTH = 730.0


@dataclass(frozen=True, slots=True)
class RoleLoad:
    """One role's part.

    Args:
        role: it is.
        processes: that the row gives it.
        per_job: seconds of a process for each that is asked for.
        carries: an hour.
        needed: processes for the nominal load.
        modelled: whether this machine has too few cores to have seen it.
    """

    role: str
    processes: int
    per_job: float
    carries: float
    needed: int
    modelled: bool = False


def slots_capacity(run: Run, demand: Demand, test: LoadTest, slots: int | None = None) -> Interval:
    """How many an hour the worker's slots carry so that p95 of the time to each keeps to the objective, over the replicates.

    Args:
        run: recorded.
        demand: with the objective.
        test: whose worker is meant.
        slots: another number than the row's.
    """
    slots = slots or run.row.processes[test.worker]
    limit = demand.objectives.time_p95_s
    times = [one.service() * run.speed for one in run.replicates if len(one.service())]
    return (
        of_mean([carries(slots, service, limit) * 3600 for service in times])
        if times
        else Interval(0, 0, 0, 0)
    )


def role_loads(run: Run, demand: Demand, test: LoadTest) -> list[RoleLoad]:
    """Each role's part in one job, and how far its processes reach."""
    found = []
    done = sum(job.done for one in run.replicates for job in one.jobs)
    rate = demand.per_hour
    for role, processes in run.row.processes.items():
        if role == test.worker:
            service = run.service()
            per_job = float(np.mean(service)) if len(service) else 0.0
            capacity = slots_capacity(run, demand, test).value
            needed = next(
                (n for n in range(1, 4 * processes) if slots_capacity(run, demand, test, n).value >= rate),
                4 * processes,
            )
            found.append(RoleLoad(role, processes, per_job, capacity, needed))
            continue
        cpu = sum(one.cpu_seconds.get(role, 0.0) for one in run.replicates)
        per_job = cpu / done if done else 0.0
        capacity = processes * BUSY / per_job * 3600 if per_job else float("inf")
        needed = max(int(np.ceil(rate / 3600 * per_job / BUSY)), 1)
        modelled = not run.row.queues[role] and processes > run.cores
        found.append(RoleLoad(role, processes, per_job, capacity, needed, modelled))
    return found


def binding(loads: list[RoleLoad]) -> RoleLoad:
    """The role that is the first to be too small."""
    return min(loads, key=lambda load: load.carries)


def cost_per_thousand(run: Run, demand: Demand, test: LoadTest) -> float | None:
    """US dollars for 1,000 at what the row carries: memory and processors as they were used, and the provider.

    Returns:
        None where nobody could see what was used.
    """
    if run.roles is None:
        return None
    prices, rate = test.traffic.demands.prices, slots_capacity(run, demand, test).value
    memory = sum(live.memory_peak or 0 for live in run.roles.values()) / 1e9
    done = sum(job.done for one in run.replicates for job in one.jobs)
    cpu = sum(sum(one.cpu_seconds.values()) for one in run.replicates) / max(done, 1)
    if not rate:
        return None
    hourly = memory * prices.memory_gb_month / HOURS_A_MONTH
    processor = cpu / 3600 * prices.cpu_month / HOURS_A_MONTH
    return 1000 * (hourly / rate + processor + prices.provider_each)
