"""What nobody asks for any more is removed, bit by bit: logs whose time is over, workers that are gone, canaries that have sung.

Never what is needed: a roadmap, its content and its cost are their owner's until he deletes them; a log stays as long as its roadmap is in
the making; an event in the outbox as long as it may be stored, which it no longer may once the log it belongs to has been removed.
Any number of processes may do it: each takes rows the others have not locked, a few at a time.
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
SWEEPS = 12  # of the sweeper's, between two looks where there is nothing to do
MOST_LOGS = 20  # roadmaps a transaction, each with up to a few hundred events
MOST_ROWS = 200

# What is logged after a log was removed, because its roadmap was tried again, has its own time.
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
    """What says itself when it is over."""
    return f"""
DELETE FROM {table} WHERE {key} IN (
    SELECT {key} FROM {table} WHERE expires_at < clock_timestamp() - :kept LIMIT :most FOR UPDATE SKIP LOCKED)
"""  # noqa: S608 - of our own words alone


EXPIRED_KEPT = timedelta(hours=1)  # for whoever asks why a token of just now is none any more


@dataclass(frozen=True, slots=True)
class _Rule:
    """What goes, after how long, how much of it at once.

    Args:
        name: for the log.
        remove: does it, and answers how many went.
        kept: for so long; for ever where it is 0.
        most: in one transaction.
    """

    name: str
    remove: Callable[[AsyncConnection, Mapping[str, Any]], Awaitable[int]]
    kept: timedelta
    most: int


class Retention:
    """One API process's part in it.

    Args:
        engine: shared with the process's requests; one connection at a time.
        settings: how long what is kept; 0 for ever.
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
        """Remove a few of each, if it is time for it; where there may be more, it is time again at once.

        Returns:
            How many of each, by its name. Empty where nothing went.
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
    """Where no log is over, the table with the events is not touched: whoever has locked it has nobody wait for nothing."""
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
