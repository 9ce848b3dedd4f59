"""Removes old data, a little at a time: logs after their time, workers that are gone, used canaries.

It never removes needed data: a roadmap, its content and its cost stay until their owner deletes them; a log stays while its roadmap is
unfinished; an event in the outbox stays while it may be stored, which ends when its log is removed. Any number of processes may remove:
each takes rows that the others have not locked, a few at a time.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ARRAY, TextClause, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import INTERVAL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.core.settings import Settings

log = logging.getLogger(__name__)
SWEEPS = 12  # sweep intervals between two rounds, if there is nothing to remove
MOST_LOGS = 20  # roadmaps in one transaction, each with up to a few hundred events
MOST_ROWS = 200

# Events that are logged after the removal, because the roadmap was tried again, are kept for their own time.
_OVER = """
SELECT id FROM roadmap_requests
WHERE ended_at < clock_timestamp() - :kept AND (log_removed_at IS NULL OR log_removed_at < ended_at)
ORDER BY ended_at LIMIT :most FOR UPDATE SKIP LOCKED
"""
_LOGS = text("""
WITH events AS (
    DELETE FROM execution_logs WHERE request_id = ANY(:over)
), unsent AS (
    DELETE FROM outbox WHERE request_id = ANY(:over)
)
UPDATE roadmap_requests SET log_removed_at = clock_timestamp() WHERE id = ANY(:over)
""").bindparams(bindparam("over", type_=ARRAY(Uuid)))
_WORKERS = """
DELETE FROM workers WHERE node IN (
    SELECT node FROM workers WHERE seen_at < clock_timestamp() - :kept LIMIT :most FOR UPDATE SKIP LOCKED)
"""
_CANARIES = """
DELETE FROM canaries WHERE nonce IN (
    SELECT nonce FROM canaries WHERE created_at < clock_timestamp() - :kept LIMIT :most FOR UPDATE SKIP LOCKED)
"""
_ADDRESSES = """
DELETE FROM login_addresses WHERE (user_id, address) IN (
    SELECT user_id, address FROM login_addresses WHERE seen_at < clock_timestamp() - :kept LIMIT :most FOR UPDATE SKIP LOCKED)
"""
_SPENDING = """
DELETE FROM provider_spending WHERE (day, user_id) IN (
    SELECT day, user_id FROM provider_spending WHERE day < clock_timestamp() - :kept LIMIT :most FOR UPDATE SKIP LOCKED)
"""


def _expired(table: str, key: str) -> str:
    """The statement for a table whose rows have their own expiry."""
    return f"""
DELETE FROM {table} WHERE {key} IN (
    SELECT {key} FROM {table} WHERE expires_at < clock_timestamp() - :kept LIMIT :most FOR UPDATE SKIP LOCKED)
"""  # noqa: S608 - of our own words alone


EXPIRED_KEPT = timedelta(hours=1)  # after the expiry, to find out why a recent token is no longer valid


@dataclass(frozen=True, slots=True)
class _Rule:
    """What to remove, after how long, and how much at once.

    Args:
        name: for the log.
        remove: removes rows and returns their number.
        kept: how long rows stay; 0 for ever.
        most: rows in one transaction.
    """

    name: str
    remove: Callable[[AsyncConnection, Mapping[str, Any]], Awaitable[int]]
    kept: timedelta
    most: int


class Retention:
    """The retention of one API process.

    Args:
        engine: shared with the process's requests; one connection at a time.
        settings: with the times to keep; 0 for ever.
        clock: monotonic, in seconds.
    """

    def __init__(
        self, engine: AsyncEngine, settings: Settings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._pause = SWEEPS * settings.sweep_interval_seconds
        self._next = clock() + self._pause
        logs = timedelta(days=settings.log_retention_days)
        presence = timedelta(hours=settings.presence_retention_hours)
        addresses = timedelta(days=settings.login_address_retention_days)
        rules = (
            _Rule("logs", _remove_logs, logs, MOST_LOGS),
            _Rule("workers", _removal(_WORKERS), presence, MOST_ROWS),
            _Rule("canaries", _removal(_CANARIES), presence, MOST_ROWS),
            _Rule("addresses", _removal(_ADDRESSES), addresses, MOST_ROWS),
            _Rule("days of spending", _removal(_SPENDING), logs, MOST_ROWS),
            *(
                _Rule(name, _removal(_expired(table, key)), EXPIRED_KEPT, MOST_ROWS)
                for name, table, key in (
                    ("sessions", "ended_sessions", "id"),
                    ("refresh tokens", "refresh_tokens", "hash"),
                    ("one-time tokens", "one_time_tokens", "hash"),
                )
            ),
        )
        self._rules = [rule for rule in rules if rule.kept]

    async def work(self) -> dict[str, int]:
        """Remove a few rows of each kind, if it is time; if there may be more, the next round follows at once.

        Returns:
            Name -> number of removed rows; empty if there were none.
        """
        if self._clock() < self._next:
            return {}
        removed: dict[str, int] = {}
        full = False
        for rule in self._rules:
            async with self._engine.begin() as connection:
                number = await rule.remove(connection, {"kept": rule.kept, "most": rule.most})
            if number:
                removed[rule.name] = number
            full = full or number == rule.most
        self._next = self._clock() + (0 if full else self._pause)
        if removed:
            log.info(
                "removed what is no longer kept: %s", ", ".join(f"{n} {name}" for name, n in removed.items())
            )
        return removed


async def _remove_logs(connection: AsyncConnection, limits: Mapping[str, Any]) -> int:
    """Remove old logs. Without one the table of events is not touched, so that this does not wait for its locks in vain."""
    over = list(await connection.scalars(_timed(_OVER), limits))
    if over:
        await connection.execute(_LOGS, {"over": over})
    return len(over)


def _removal(statement: str) -> Callable[[AsyncConnection, Mapping[str, Any]], Awaitable[int]]:
    timed = _timed(statement)

    async def remove(connection: AsyncConnection, limits: Mapping[str, Any]) -> int:
        return (await connection.execute(timed, limits)).rowcount

    return remove


def _timed(statement: str) -> TextClause:
    return text(statement).bindparams(bindparam("kept", type_=INTERVAL))
