"""The concurrency for a load: calculated by the model from measured service times, as settings to paste."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from harness.load.capacity import BUSY, RoleLoad, role_loads
from harness.load.checks.budgets import OUTSIDE
from harness.load.declaration import LoadTest
from harness.load.locust.demands import Demand
from harness.load.locust.rate import per_hour
from harness.load.model import carries, slots_needed
from harness.load.record import DEPLOYMENTS, Run

SLO = r"^\s*p([0-9.]+)\(\s*time_to_{noun}\s*\)\s*<=?\s*([0-9.]+)\s*(s|min)\s*$"
SECONDS = {"s": 1.0, "min": 60.0}
HEADROOM = 0.9  # share of the model's value: on a good run its residual may be so large


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """The goal of a recommendation.

    Args:
        per_hour: jobs an hour.
        share: share of the jobs.
        seconds: time within which this share must have ended.
    """

    per_hour: float
    share: float
    seconds: float

    @classmethod
    def parse(cls, target: str, slo: str, noun: str) -> "Goal":
        """From `1200/h` and, of orders, `p95(time_to_order)<60s`.

        Raises:
            ValueError: one of the texts cannot be read; shows the right form.
        """
        rate, objective = per_hour(target), re.match(SLO.format(noun=re.escape(noun)), slo)
        if objective is None or not 0 < float(objective[1]) < 100:  # noqa: PLR2004 - per cent
            raise ValueError(f"{slo!r} is no objective: write it as p95(time_to_{noun})<60s")
        return cls(
            per_hour=rate,
            share=float(objective[1]) / 100,
            seconds=float(objective[2]) * SECONDS[objective[3]],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """The recommended settings.

    Args:
        processes: by role.
        pool_size: connections of a process.
        carries: an hour, by the model.
        binds: the role that is the first to be too small.
    """

    processes: Mapping[str, int]
    pool_size: int
    carries: float
    binds: str

    def variables(self, test: LoadTest) -> dict[str, str]:
        """To be pasted into the services' settings.

        Args:
            test: that knows their names.
        """
        numbers = {test.column(role).variable: str(count) for role, count in self.processes.items()}
        return numbers | ({test.pool_variable: str(self.pool_size)} if test.pool_variable else {})


def recommend(run: Run, demand: Demand, goal: Goal, test: LoadTest) -> Recommendation:
    """The fewest processes of each role that carry the goal.

    Args:
        run: recorded, whose model explains it.
        demand: demand of its tier, for the number of readers.
        goal: that is wanted.
        test: whose run.

    Raises:
        UnstableError: no number of slots is enough: even a single job takes longer.
        ValueError: their connections do not fit into PostgreSQL.
    """
    run = run.counting(test.ended_well)
    service = np.sort(run.service())
    slots = slots_needed(goal.per_hour / 3600 / HEADROOM, service, goal.seconds, goal.share)
    processes = {test.worker: slots}
    loads = [load for load in role_loads(run, demand, test) if load.role != test.worker]
    for load in loads:
        processes[load.role] = max(math.ceil(goal.per_hour / 3600 * load.per_job / BUSY), 1)
    ordered = {role: processes[role] for role in run.row.processes}
    if run.connections is None:
        raise ValueError("the run does not say how many connections PostgreSQL allows: record another one")
    usable = run.connections - OUTSIDE
    pool_size = usable // (DEPLOYMENTS * sum(ordered.values()))
    if not pool_size:
        raise ValueError(
            f"{sum(ordered.values())} processes do not fit into PostgreSQL's {usable} connections "
            "while two deployments overlap: put a pooler in between, or raise max_connections"
        )
    worker = carries(slots, service, goal.seconds, goal.share) * 3600
    others = [_reach(load, ordered[load.role]) for load in loads]
    reach, binds = min([(worker, test.worker), *others])
    return Recommendation(processes=ordered, pool_size=pool_size, carries=reach, binds=binds)


def _reach(load: RoleLoad, processes: int) -> tuple[float, str]:
    if not load.per_job:
        return math.inf, load.role
    return processes * BUSY / load.per_job * 3600, load.role
