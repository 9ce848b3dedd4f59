"""What the load tests are told of an application: how it is asked, where it writes down what became of it, how its rows look.

An application declares itself once, as data and functions to call; `python -m` its own package hands that to
`harness.load.cli.main`, and the Locust process knows its `Traffic` alone.
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
        counts: what it has: processes, slots.
        variable: that sets the number.
    """

    role: str
    name: str
    counts: str
    variable: str

    @property
    def title(self) -> str:
        return f"{self.name} {self.counts}"


class Pace(Protocol):
    """Has the scripted provider take its time."""

    def __call__(
        self, provider: Any, workload: Any, speed: float, seed: int, /, *, identical: bool = False
    ) -> None:
        """Script it.

        Args:
            provider: its client.
            workload: what one asks of it.
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
    """Service times, seconds: two calls after each other, then the others beside each other.

    Args:
        workload: with its calls, their median and sigma.
        chance: of the calls' lengths.
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
        traffic: what is asked, as the Locust process knows it.
        command: that people type for all this.
        locustfile: of the application.
        assumption: the sentence that every report says of its demands.
        rows_file: where they are written, for annotations.
        columns: of the table, in its order.
        worker: the role whose slots do the work: the queue of the model.
        one_at_a_time: roles that must take no more messages than they have slots, since each is long.
        taken: the hash in the broker in which its client keeps what the worker's slots have taken; none where nobody can count it.
        pool_variable: the variable with the connections that a process may hold; none where nobody says.
        requests: prefixes of the kinds of requests that the API's objectives are about; creations count from their intended moment.
        ended_well: the status of one that counts as no error.
        stamps: SQL, a row for each: id, status, created, claimed, completed, logged (seconds since 1970), lag (seconds).
        making: SQL, one row: queued, running. Asked twice a second, so of the open ones alone.
        progress: SQL, one row: queued, running, ended.
        provider: name of the stack's scripted provider; none where it has none.
        pace: has the provider take its time, so many times faster.
        service: how long a slot takes for some of a workload, seconds, for simulations; by default two calls after each other, then the
            others beside each other.
        cpu_seconds_a_call: of a worker's slot, measured, for each call to the provider: it limits how fast time may pass.
        cpu_seconds_a_request: of the API, measured.
        requests_an_hour: how many a demand makes, those who look at how far it is and readers together.
        mutants: faults on purpose.
        idle: what a role with so many processes takes where nobody asks for anything, as it was measured; none where nobody has.
        declared_rows: makes the rows of the concurrency table, the smallest first; asked when one is needed. The application's by default.
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
        """The rows of the concurrency table: somebody's own, where they have named a file, else the application's.

        Raises:
            DeclarationError: the file has none that could be judged.
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
        """What a stack of any tier is told to be a row of somebody's own; nothing where the rows are the application's.

        Args:
            row: that is wanted.

        Raises:
            DeclarationError: nobody has said which variable sets a number of it.
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
        """Each request once, creations from the moment they were meant to be sent."""
        return (*self.requests, self.traffic.from_intended)

    def mutant(self, name: str) -> Mutant:
        """One of its faults on purpose.

        Raises:
            KeyError: there is none of that name.
        """
        return {mutant.name: mutant for mutant in self.mutants}[name]

    def column(self, role: str) -> Column:
        """A role's; one of its own name, where the table has none."""
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
