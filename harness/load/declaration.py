"""What the load tests are told of an application: how it is asked, where it writes down what became of it, how its rows look.

An application declares itself once, as data and functions to call; `python -m` its own package hands that to
`harness.load.cli.main`, and the Locust process knows its `Traffic` alone.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from harness.load.locust.traffic import Traffic
from harness.load.mutants import Mutant
from harness.load.record import Row
from harness.load.rows import declared_rows


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
        pool_variable: the variable with the connections that a process may hold; none where nobody says.
        requests: prefixes of the kinds of requests that the API's objectives are about; creations count from their intended moment.
        ended_well: the status of one that counts as no error.
        stamps: SQL, a row for each: id, status, created, claimed, completed, logged (seconds since 1970), lag (seconds).
        making: SQL, one row: queued, running. Asked twice a second, so of the open ones alone.
        progress: SQL, one row: queued, running, ended.
        provider: name of the stack's scripted provider; none where it has none.
        pace: has the provider take its time, so many times faster.
        cpu_seconds_a_call: of a worker's slot, measured, for each call to the provider: it limits how fast time may pass.
        mutants: faults on purpose.
        rows: makes the rows of the concurrency table, the smallest first; asked when one is needed. The application's by default.
    """

    traffic: Traffic
    command: str
    locustfile: Path
    assumption: str
    rows_file: str
    columns: tuple[Column, ...]
    worker: str
    one_at_a_time: tuple[str, ...] = ()
    pool_variable: str = ""
    requests: tuple[str, ...]
    ended_well: str
    stamps: str
    making: str
    progress: str
    provider: str = ""
    pace: Pace | None = None
    cpu_seconds_a_call: float
    mutants: tuple[Mutant, ...] = ()
    rows: Callable[[], Mapping[str, Row]] = declared_rows

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
