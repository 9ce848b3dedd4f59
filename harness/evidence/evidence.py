"""The evidence of a run, as plain data. A check may look at nothing else, so that a saved run can be judged again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from harness.evidence.excuse import Excuse
from harness.evidence.manifest import Manifest

Row = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that decides whether a promise was kept. Rows hold JSON values: ids and times are text.

    Args:
        journal: of the scenario; see harness.evidence.journal.
        tables: a table's name -> its rows.
        states: the application's name for a work's id -> id -> status, for all accepted work; None for work that is gone.
        waiting: messages left in the broker, by queue.
        logs: a node's name -> the lines it wrote in the scenario.
        startup: a role's name -> the lines it wrote before the first scenario.
        secrets: name -> value that no log and no row may show.
        expected_errors: the errors that are part of the scenario.
        violated: names of the checks that must be violated, because the scenario has switched a safety off.
        facts: further facts for the application's own checks.
        manifest: the parts that should be read, and their states; None for a run that was kept without one.
    """

    journal: list[Row] = field(default_factory=list)
    tables: dict[str, list[Row]] = field(default_factory=dict)
    states: dict[str, dict[str, str | None]] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)
    logs: dict[str, list[str]] = field(default_factory=dict)
    startup: dict[str, list[str]] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    expected_errors: list[Excuse] = field(default_factory=list)
    violated: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    manifest: Manifest | None = None
    _by_kind: dict[str, list[Row]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _made: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def rows(self, table: str) -> list[Row]:
        """The rows of a table; none where the table is not there."""
        return self.tables.get(table, [])

    def records(self, kind: str) -> list[Row]:
        """The journal's records of one kind: a scenario's journal is whole before anybody judges it."""
        if not self._by_kind:
            for record in self.journal:
                self._by_kind.setdefault(record["kind"], []).append(record)
        return self._by_kind.get(kind, [])

    def once(self, make: Callable[["Evidence"], T]) -> T:
        """What is made of this evidence, made once: several checks ask for the same, and evidence does not change.

        Args:
            make: makes it.
        """
        if make not in self._made:
            self._made[make] = make(self)
        return cast("T", self._made[make])

    @property
    def calls(self) -> list[Row]:
        """The calls of clients."""
        return self.records("call")

    @property
    def provider_calls(self) -> list[Row]:
        """The calls that the scripted providers recorded."""
        return self.records("provider")

    @property
    def faults(self) -> list[Row]:
        """A record for each phase of each fault."""
        return self.records("fault")

    def accepted(self, work_id: str) -> set[str]:
        """The ids of the work that was accepted from a client: ours, or one that the scenario reports.

        Args:
            work_id: the application's name for the id of this kind of work.
        """
        told = [*self.calls, *self.records("promised")]
        return {str(record[work_id]) for record in told if record.get(work_id)}
