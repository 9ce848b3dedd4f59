"""What a row does with a load by the model alone, before anything was measured: the queue that verdicts and recommendations have, too.

The service times are simulated from the workload that is declared. A slot's own work is not in them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.load.capacity import BUSY, HOURS_A_MONTH
from harness.load.checks.budgets import OUTSIDE
from harness.load.declaration import Idle, LoadTest
from harness.load.locust.demands import Demand
from harness.load.model import Queue, carries, drain_seconds, slots_needed
from harness.load.recommendation import HEADROOM
from harness.load.record import Row

SHARE = 0.95
SAMPLES = 50_000  # of service times: another seed changes a p95 by less than a half per cent
GROUPS = 2000  # of the sorted samples, each by its mean: so that an answer takes a second
WORKING_DAYS_A_MONTH = 365 * 5 / 7 / 12
CONNECTIONS = 97  # PostgreSQL's own 100, less 3 for its superuser; a check asks the server itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One row, under one load, by the model.

    Args:
        row: its name.
        processes: by role.
        people: that the load stands for; 0 where nobody says.
        per_hour: of the load, in the busiest hour.
        a_month: pieces that are asked for in a month.
        busy: share of the slots' time that is asked for.
        p50_s: median of the time to each; None where the backlog grows for ever.
        p95_s: likewise.
        objective_s: within which 95 % shall come.
        carries_per_hour: within the objective.
        headroom: how much more than the load that is, a share.
        slots_needed: of the worker, for this load with some headroom; None where no number is enough.
        backlog_after_an_hour: that wait after an hour of the load, where the backlog grows.
        minutes_until_it_is_empty: if nobody asks any more then.
        connections: that two deployments may hold, and what else connects.
        memory_mb: without load, of all roles.
        memory_is_measured: else it is the row's limit of each role.
        hosting_a_month: US dollars, of memory and processors.
        provider_a_month: US dollars.
        enough: whether the row carries the load, with some headroom, and its connections fit.
        said: why, or why not.
    """

    row: str
    processes: dict[str, int]
    people: float
    per_hour: float
    a_month: float
    busy: float
    p50_s: float | None
    p95_s: float | None
    objective_s: float
    carries_per_hour: int
    headroom: float
    slots_needed: int | None
    backlog_after_an_hour: int
    minutes_until_it_is_empty: int
    connections: int
    memory_mb: int
    memory_is_measured: bool
    hosting_a_month: float
    provider_a_month: float
    enough: bool
    said: str


def service_times(test: LoadTest, workload: str) -> NDArray[np.float64]:
    """Simulated, sorted.

    Args:
        test: which knows how long a slot takes.
        workload: what one asks for, by name.
    """
    drawn = test.service(test.traffic.demands.workloads[workload], np.random.default_rng(1), SAMPLES)
    times: NDArray[np.float64] = np.sort(drawn).reshape(GROUPS, -1).mean(axis=1)
    return times


def planned(
    row: Row, demand: Demand, a_month: float, test: LoadTest, workload: str, service: NDArray[np.float64]
) -> Planned:
    """What a row does with a load.

    Args:
        row: of the table.
        demand: its name, the load and the objectives.
        a_month: pieces that are asked for in a month.
        test: whose row.
        workload: what one asks for, by name.
        service: times of it.
    """
    slots, rate, limit = row.processes[test.worker], demand.per_hour / 3600, demand.objectives.time_p95_s
    busy = rate * float(service.mean()) / slots
    queue = Queue(slots, rate, service) if busy < 1 else None
    p95 = queue.quantile(SHARE) if queue else None
    reach = min(carries(slots, service, limit, SHARE) * 3600, _web_reach(row, demand, test))
    left = 0 if queue else round(demand.per_hour - slots * 3600 / float(service.mean()))
    connections = row.connections + OUTSIDE
    enough, said = _judged(demand, p95, reach, connections)
    standing = _standing(row, test)
    return Planned(
        row=demand.name,
        processes=dict(row.processes),
        people=demand.people,
        per_hour=demand.per_hour,
        a_month=a_month,
        busy=busy,
        p50_s=queue.quantile(0.5) if queue else None,
        p95_s=p95,
        objective_s=limit,
        carries_per_hour=int(reach),
        headroom=reach / demand.per_hour - 1,
        slots_needed=_slots_needed(rate, service, limit),
        backlog_after_an_hour=left,
        minutes_until_it_is_empty=round(drain_seconds(left, float(service.mean()), slots) / 60),
        connections=connections,
        memory_mb=round(standing.memory_mb),
        memory_is_measured=test.idle is not None,
        hosting_a_month=_hosting(standing, demand, a_month, test, workload),
        provider_a_month=a_month * _calls(test, workload) * test.traffic.demands.prices.provider_call,
        enough=enough,
        said=said,
    )


def smallest_enough(rows: Sequence[Planned], worker: str) -> Planned | None:
    """The row with the fewest slots that is enough.

    Args:
        rows: under the same load.
        worker: the role whose slots do the work.
    """
    enough = [one for one in rows if one.enough]
    return min(enough, key=lambda one: (one.processes[worker], sum(one.processes.values())), default=None)


def _judged(demand: Demand, p95: float | None, reach: float, connections: int) -> tuple[bool, str]:
    if connections > CONNECTIONS:
        return False, f"{connections} connections while two deployments overlap, of {CONNECTIONS}"
    if p95 is None:
        return False, "more is asked for than the slots can do"
    if reach < demand.per_hour:
        return False, f"p95 is beyond {demand.objectives.time_p95_s:g} s"
    if reach * HEADROOM < demand.per_hour:
        return False, f"less than {1 - HEADROOM:.0%} is left, and the model may be wrong by as much"
    return True, "enough"


def _slots_needed(rate: float, service: NDArray[np.float64], limit: float) -> int | None:
    return (
        slots_needed(rate / HEADROOM, service, limit, SHARE) if np.quantile(service, SHARE) <= limit else None
    )


def _web_reach(row: Row, demand: Demand, test: LoadTest) -> float:
    """How many an hour the roles without a queue can take requests for."""
    seconds = test.requests_an_hour(demand) * test.cpu_seconds_a_request / 3600
    web = sum(count for role, count in row.processes.items() if not row.queues.get(role))
    return demand.per_hour * web * BUSY / seconds if seconds and web else float("inf")


def _standing(row: Row, test: LoadTest) -> Idle:
    """Of all roles: as measured, or else at most what the row allows each."""
    if test.idle is None:
        return Idle(float(row.memory_mb * len(row.processes)), 0.0)
    found = [test.idle(role, count) for role, count in row.processes.items()]
    return Idle(sum(one.memory_mb for one in found), sum(one.processors for one in found))


def _hosting(standing: Idle, demand: Demand, a_month: float, test: LoadTest, workload: str) -> float:
    """Memory and processors of a month, those included that the work takes."""
    prices = test.traffic.demands.prices
    requests = test.requests_an_hour(demand) / demand.per_hour * test.cpu_seconds_a_request
    work = a_month * (_calls(test, workload) * test.cpu_seconds_a_call + requests)
    processors = standing.processors + work / 3600 / HOURS_A_MONTH
    return standing.memory_mb / 1024 * prices.memory_gb_month + processors * prices.cpu_month


def _calls(test: LoadTest, workload: str) -> float:
    return float(test.traffic.demands.workloads[workload].calls)
