"""What a run left behind, as plain data: the only thing a check may look at, so that a saved run can be judged again."""

from dataclasses import dataclass, field
from typing import Any

from harness.evidence.excuse import Excuse
from harness.evidence.manifest import Manifest

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that decides whether a promise was kept. Rows hold what JSON has: ids and times are text.

    Args:
        journal: of the scenario; see harness.evidence.journal.
        tables: a table's name -> its rows.
        states: what the application calls a work's id -> id -> its status, for all that was accepted; None for what is gone.
        waiting: messages left in the broker, by queue.
        logs: a node's name -> the lines it wrote in the scenario.
        startup: a role's name -> the lines it wrote before the first scenario.
        secrets: name -> value of what no log and no row may show.
        expected_errors: the errors that are part of the scenario.
        violated: names of the checks that the scenario is there to have violated: with a safety switched off.
        facts: whatever else the application's own checks go by.
        manifest: what was to be read, and what became of it; None of a run that was kept without one.
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

    def rows(self, table: str) -> list[Row]:
        """The rows of a table; none where it is not there."""
        return self.tables.get(table, [])

    def records(self, kind: str) -> list[Row]:
        """The journal's records of one kind: a scenario's journal is whole before anybody judges it."""
        if not self._by_kind:
            for record in self.journal:
                self._by_kind.setdefault(record["kind"], []).append(record)
        return self._by_kind.get(kind, [])

    @property
    def calls(self) -> list[Row]:
        """Of clients."""
        return self.records("call")

    @property
    def provider_calls(self) -> list[Row]:
        """What the scripted providers recorded."""
        return self.records("provider")

    @property
    def faults(self) -> list[Row]:
        """A record for each phase of each fault."""
        return self.records("fault")

    def accepted(self, work_id: str) -> set[str]:
        """What a client was promised: ours, or one that the scenario speaks for.

        Args:
            work_id: what the application calls the id of this kind of work.
        """
        told = [*self.calls, *self.records("promised")]
        return {str(record[work_id]) for record in told if record.get(work_id)}
