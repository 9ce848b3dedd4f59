"""The declaration for load tests: how the application is asked for work, where it records the outcome, and its rows.

An application declares itself once, as data and functions; `python -m` its own package passes that to `harness.load.cli.main`,
and the Locust process knows only its `Traffic`.
"""

import importlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from harness.application import DeclarationError
from harness.application.table import read_table
from harness.load.locust.demands import Demand
from harness.load.locust.traffic import Traffic, table_of_ones_own
from harness.load.mutants import Mutant
from harness.load.record import Row
from harness.load.rows import declared_rows, rows_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of the concurrency table, as reports name it.

    Args:
        role: whose processes it counts.
        name: of the role, for people.
        counts: unit of the number: processes, slots.
        variable: variable that sets the number.
    """

    role: str
    name: str
    counts: str
    variable: str

    @property
    def title(self) -> str:
        return f"{self.name} {self.counts}"


class Pace(Protocol):
    """Sets the scripted provider's delays."""

    def __call__(
        self, provider: Any, workload: Any, speed: float, seed: int, /, *, identical: bool = False
    ) -> None:
        """Script it.

        Args:
            provider: its client.
            workload: the calls of one job.
            speed: waits are divided by it.
            seed: of the latencies.
            identical: whether every call takes the median.
        """


@dataclass(frozen=True, slots=True)
class Idle:
    """What a role takes where nobody asks for anything.

    Args:
        memory_mb: of all its processes.
        processors: likewise.
    """

    memory_mb: float
    processors: float


Service = Callable[[Any, np.random.Generator, int], NDArray[np.float64]]


def two_then_all(workload: Any, chance: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Service times, seconds: two calls one after the other, then the others in parallel.

    Args:
        workload: with its calls, their median and sigma.
        chance: random numbers for the calls' lengths.
        count: how many.
    """
    median, sigma = workload.call_median_seconds, workload.call_sigma
    calls = chance.lognormal(math.log(median), sigma, (count, round(workload.calls)))
    made: NDArray[np.float64] = calls[:, :2].sum(axis=1) + calls[:, 2:].max(axis=1, initial=0)
    return made


@dataclass(frozen=True, kw_only=True, eq=False)
class LoadTest:
    """The declaration of a load test.

    Args:
        traffic: the requests, as the Locust process knows them.
        command: command that people type for it.
        locustfile: of the application.
        assumption: the sentence about its demands in every report.
        rows_file: file of the rows, for annotations.
        columns: of the table, in its order.
        worker: the role whose slots do the work: the queue of the model.
        one_at_a_time: roles that must take no more messages than they have slots, because each takes long.
        taken: the hash in the broker with the messages that the worker's slots have taken; none where they cannot be counted.
        pool_variable: the variable with the connections that a process may hold; none where there is no such variable.
        requests: prefixes of the kinds of requests that the API's objectives are about; creations count from their intended moment.
        ended_well: the status that counts as success.
        stamps: SQL, a row for each: id, status, created, claimed, completed, logged (seconds since 1970), lag (seconds).
        making: SQL, one row: queued, running. It runs twice a second, so it counts only unfinished ones.
        progress: SQL, one row: queued, running, ended.
        provider: name of the stack's scripted provider; none where it has none.
        pace: sets the provider's delays, so many times faster.
        service: service times of a slot for a workload, in seconds, for simulations; by default two calls one after the other,
            then the others in parallel.
        cpu_seconds_a_call: of a worker's slot, measured, for each call to the provider: it limits how fast time may pass.
        cpu_seconds_a_request: of the API, measured.
        requests_an_hour: requests of a demand, for progress and from readers together.
        mutants: faults on purpose.
        idle: measured resources of a role with so many processes while nobody asks for work; none where that was not measured.
        declared_rows: makes the rows of the concurrency table, the smallest first; called when a row is needed. The application's
            by default.
    """

    traffic: Traffic
    command: str
    locustfile: Path
    assumption: str
    rows_file: str
    columns: tuple[Column, ...]
    worker: str
    one_at_a_time: tuple[str, ...] = ()
    taken: str = ""
    pool_variable: str = ""
    requests: tuple[str, ...]
    ended_well: str
    stamps: str
    making: str
    progress: str
    provider: str = ""
    pace: Pace | None = None
    service: Service = two_then_all
    cpu_seconds_a_call: float
    cpu_seconds_a_request: float = 0.0
    requests_an_hour: Callable[[Demand], float] = lambda _: 0.0
    mutants: tuple[Mutant, ...] = ()
    idle: Callable[[str, int], Idle] | None = None
    declared_rows: Callable[[], Mapping[str, Row]] = declared_rows

    def rows(self) -> Mapping[str, Row]:
        """The rows of the concurrency table: from the user's file, where there is one, else the application's.

        Raises:
            DeclarationError: the file has no rows that can be judged.
        """
        declared = self.declared_rows()
        path = table_of_ones_own()
        if path is None:
            return declared
        queues = next(iter(declared.values())).queues
        rows = rows_of(read_table(path), queues)
        for name, row in rows.items():
            if set(row.processes) != set(queues):
                raise DeclarationError(
                    f"{path.name}: [{name}] concurrency must have {', '.join(queues)}, and no other"
                )
        return rows

    def settings(self, row: Row) -> dict[str, str]:
        """Variables that make a stack of any tier a row of the user's file; empty where the rows are the application's.

        Args:
            row: that is wanted.

        Raises:
            DeclarationError: the variable for one of its numbers is unknown.
        """
        if table_of_ones_own() is None:
            return {}
        variables = {role: self.column(role).variable for role in row.processes}
        unknown = [role for role, variable in variables.items() if not variable]
        if unknown or not self.pool_variable:
            raise DeclarationError(
                f"no variable sets the number of {', '.join(unknown) or 'connections'}: see Column.variable"
            )
        counts = {variables[role]: str(count) for role, count in row.processes.items()}
        return counts | {self.pool_variable: str(row.pool_size)}

    @property
    def noun(self) -> str:
        return self.traffic.noun

    @property
    def nouns(self) -> str:
        return self.traffic.nouns

    @property
    def api_kinds(self) -> tuple[str, ...]:
        """Each kind of request once; creations count from their intended moment."""
        return (*self.requests, self.traffic.from_intended)

    def mutant(self, name: str) -> Mutant:
        """One of its faults on purpose.

        Raises:
            KeyError: there is no such mutant.
        """
        return {mutant.name: mutant for mutant in self.mutants}[name]

    def column(self, role: str) -> Column:
        """The column of a role; one with the role's name, where the table has none."""
        unnamed = Column(role=role, name=role, counts="", variable="")
        return next((column for column in self.columns if column.role == role), unnamed)


def declared(name: str) -> LoadTest:
    """A load test by its name.

    Args:
        name: `module:name`.

    Raises:
        ImportError: there is no such module.
        AttributeError: it has no such name.
    """
    module, _, attribute = name.partition(":")
    found: LoadTest = getattr(importlib.import_module(module), attribute)
    return found
