"""Finds rows of refused requests, by the table and the column that hold the id of an accepted one."""

from dataclasses import dataclass
from typing import Self

from harness.experiments.trial.stage import ENDS_SECONDS, Stage
from harness.stack.reset import table_names


@dataclass(frozen=True, slots=True)
class Rows:
    """The place of the rows of work.

    Args:
        table: their table; empty where none was found.
        column: with its id.
        before: the ids that were there.
    """

    table: str
    column: str
    before: frozenset[str]

    @property
    def known(self) -> bool:
        """Whether there is such a table."""
        return bool(self.table)

    @classmethod
    def learn(cls, stage: Stage) -> Self:
        """Do one piece of work, and find the table with its id.

        Args:
            stage: that is played on.
        """
        asked = stage.must_ask()
        stage.all_end(ENDS_SECONDS)
        database = stage.stack.database
        for table in table_names(database):
            for row in database.rows(f'SELECT * FROM "{table}" LIMIT 1000'):  # noqa: S608 - its own answer
                for column, value in row.items():
                    if str(value) == asked.id and column in {"id", "uuid", "pk", "task_id"}:
                        return cls(table, column, cls._ids(stage, table, column))
        return cls("", "", frozenset())

    @staticmethod
    def _ids(stage: Stage, table: str, column: str) -> frozenset[str]:
        rows = stage.stack.database.rows(f'SELECT "{column}" AS id FROM "{table}"')  # noqa: S608 - its own answer
        return frozenset(str(row["id"]) for row in rows)

    def left(self, stage: Stage) -> list[str] | None:
        """The new rows, in words; None where the table is unknown.

        Args:
            stage: that is played on.
        """
        if not self.known:
            return None
        new = self._ids(stage, self.table, self.column) - self.before
        return [f"{self.table} has the row {found}, {stage.state(found)}" for found in sorted(new)]
