"""One thing that happened in a scenario, from any record."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.evidence.evidence import Row

CLIENT, TASKS, FAULTS, PROVIDER = "client", "tasks", "faults", "provider"
POSTGRES, ROWS, REDIS, SCENARIO = "PostgreSQL", "rows", "Redis", "scenario"
GOOD, WARNING, BAD = "", "warning", "bad"


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing.

    Args:
        lane: whose moment it is.
        at: seconds since the scenario began.
        until: likewise; the same where it took no time.
        text: what it was.
        level: good, a warning, or bad.
        ids: ids that it shares with related moments.
        detail: all that was written down.
        times: how many of the kind it stands for.
    """

    lane: str
    at: float
    until: float
    text: str
    level: str = GOOD
    ids: tuple[str, ...] = ()
    detail: Row = field(default_factory=dict)
    times: int = 1


def ids_of(row: Row, tied: Sequence[str]) -> tuple[str, ...]:
    """The ids that a record has.

    Args:
        row: the record.
        tied: fields that tie moments together.
    """
    return tuple(dict.fromkeys(str(row[name]) for name in tied if row.get(name)))
