"""A roadmap's execution log: its pages, its summary, and the events after one that a client has seen."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, cast, exists, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models import execution_logs as logs
from app.models import outbox
from app.models import roadmap_requests as requests
from app.roadmaps import cursor as cursors
from app.roadmaps import states
from app.schemas.roadmap import LogPage, LogSummary, LogView

BEST_EFFORT = ("progress", "provider")
MOST_AT_ONCE = 200
_ORDER = (logs.c.position, logs.c.transaction_id, logs.c.number)
_EARLIER = re.compile(r"[0-9]+-[0-9]+")


@dataclass(frozen=True, slots=True)
class LogFilter:
    """A filter of events: each field that is set must be equal."""

    level: str | None = None
    category: str | None = None
    step: str | None = None
    concept_id: str | None = None

    def conditions(self) -> list[Any]:
        wanted = {
            "level": self.level,
            "category": self.category,
            "step": self.step,
            "concept_id": self.concept_id,
        }
        return [logs.c[name] == value for name, value in wanted.items() if value is not None]


async def page(
    connection: AsyncConnection, roadmap_id: UUID, wanted: LogFilter, cursor: str | None, limit: int
) -> LogPage:
    """Events in the order in which they happened; the caller has checked that the reader owns the roadmap.

    Args:
        connection: to read from.
        roadmap_id: of the roadmap.
        wanted: the filter.
        cursor: of the page before; None for the first.
        limit: events at most.

    Raises:
        BadCursorError: the cursor is not valid.
    """
    query = (
        select(logs)
        .where(logs.c.request_id == roadmap_id, *wanted.conditions())
        .order_by(logs.c.occurred_at, logs.c.id)
        .limit(limit + 1)
    )
    if cursor is not None:
        query = query.where(tuple_(logs.c.occurred_at, logs.c.id) > tuple_(*cursors.decode(cursor)))
    rows = (await connection.execute(query)).all()
    shown = rows[:limit]
    more = len(rows) > limit
    return LogPage(
        items=[LogView.model_validate(row, from_attributes=True) for row in shown],
        next_cursor=cursors.encode(shown[-1].occurred_at, shown[-1].id) if more else None,
    )


async def summary(connection: AsyncConnection, roadmap_id: UUID) -> LogSummary:
    """The log's figures; the caller has checked that the reader owns the roadmap."""
    groups = select(logs.c.level, logs.c.category, logs.c.step, func.count().label("events")).add_columns(
        func.coalesce(func.sum(cast(logs.c.data["emitted"].astext, BigInteger)), 0).label("emitted"),
        func.extract("epoch", func.max(logs.c.stored_at - logs.c.occurred_at)).label("lag"),
    )
    rows = (
        await connection.execute(
            groups.where(logs.c.request_id == roadmap_id).group_by(logs.c.level, logs.c.category, logs.c.step)
        )
    ).all()

    removed = select(requests.c.log_removed_at).where(requests.c.id == roadmap_id)

    def counted(column: str) -> dict[str, int]:
        found: dict[str, int] = {}
        for row in rows:
            found[getattr(row, column)] = found.get(getattr(row, column), 0) + row.events
        return dict(sorted(found.items()))

    return LogSummary(
        total=sum(row.events for row in rows),
        by_level=counted("level"),
        by_category=counted("category"),
        by_step=counted("step"),
        emitted=sum(int(row.emitted) for row in rows),
        stored=sum(row.events for row in rows if row.category in BEST_EFFORT),
        lag_seconds=max((float(row.lag) for row in rows), default=None),
        removed_at=await connection.scalar(removed),
    )


@dataclass(frozen=True, slots=True)
class Mark:
    """The event that a client has seen last, by its id, which is the same in every cluster into which a backup is restored.

    Earlier releases named it by transaction and number, which its row still has.
    """

    event_id: UUID | None = None
    row: tuple[int, int] | None = None

    @classmethod
    def parse(cls, text: str) -> "Mark":
        """Read the id of a server-sent event.

        Raises:
            BadCursorError: it is not one of our ids.
        """
        if _EARLIER.fullmatch(text):
            transaction_id, number = map(int, text.split("-"))
            if max(transaction_id, number) >= 2**63:
                raise cursors.BadCursorError("not the id of an event")
            return cls(row=(transaction_id, number))
        try:
            return cls(event_id=UUID(text))
        except ValueError:
            raise cursors.BadCursorError("not the id of an event") from None

    def condition(self) -> ColumnElement[bool]:
        """The condition that only this event fulfils."""
        if self.row is not None:
            return tuple_(logs.c.transaction_id, logs.c.number) == tuple_(*self.row)
        return logs.c.id == self.event_id


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A reader's position in the log, in the order in which events became visible; see app.models.events."""

    place: int = 0
    transaction_id: int = 0
    number: int = 0

    def before(self) -> ColumnElement[bool]:
        """The condition that an event comes after this position."""
        return tuple_(*_ORDER) > tuple_(self.place, self.transaction_id, self.number)


@dataclass(frozen=True, slots=True)
class Seen:
    """An event and its position."""

    position: Position
    event: LogView


async def position_of(connection: AsyncConnection, roadmap_id: UUID, mark: Mark | None) -> Position:
    """The position after the event that a reader has seen last; the beginning if the reader has seen none.

    Also the beginning if the log does not have the event: it was stored after the restored backup was made, or the client invented it. A
    reader may see an event twice, because it has an id; but none may be missed.
    """
    if mark is None:
        return Position()
    found = await connection.execute(select(*_ORDER).where(logs.c.request_id == roadmap_id, mark.condition()))
    row = found.first()
    return Position(*row) if row else Position()


async def after(connection: AsyncConnection, roadmap_id: UUID, position: Position) -> Sequence[Seen]:
    """The events that became visible since; never one before which another may still appear.

    A transaction that appends to a log holds its lock until the commit, so no event can appear before a visible one.
    """
    query = (
        select(logs)
        .where(logs.c.request_id == roadmap_id, position.before())
        .order_by(*_ORDER)
        .limit(MOST_AT_ONCE)
    )
    rows = await connection.execute(query)
    return [
        Seen(
            Position(row.position, row.transaction_id, row.number),
            LogView.model_validate(row, from_attributes=True),
        )
        for row in rows
    ]


async def nothing_follows(connection: AsyncConnection, roadmap_id: UUID, position: Position) -> bool:
    """Whether the log is complete: the roadmap has ended, and all events that must not be lost are stored."""
    in_the_making = requests.c.id == roadmap_id, requests.c.status.in_(states.OPEN)
    open_ends = (
        exists(select(requests.c.id).where(*in_the_making)),
        exists(select(outbox.c.id).where(outbox.c.request_id == roadmap_id)),
        exists(select(logs.c.id).where(logs.c.request_id == roadmap_id, position.before())),
    )
    return not await connection.scalar(select(or_(*open_ends)))
