"""Reads the database's schema, and waits until this program can work on it.

Uses asyncpg alone: this runs at each role's start, where SQLAlchemy's import would take most of the time.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import asyncpg

from app.core import database_door
from app.core.session import CONNECT_TIMEOUT_SECONDS, SERVER_SETTINGS, way
from app.core.settings import Settings
from app.core.unusable import UnusableError
from app.core.urls import driver_dsn
from app.migrations import HEAD, REVISIONS

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

log = logging.getLogger(__name__)
RETRY_SECONDS = 0.5
EXISTS = "SELECT to_regclass('alembic_version') IS NOT NULL"
# The column is read through JSON, because older databases do not have it. One of our tables is looked for too, because many
# programs number their revisions as we do.
FOUND = (
    "SELECT version_num, to_jsonb(found) ->> 'oldest_program', to_regclass('roadmap_requests') IS NOT NULL"
    " FROM alembic_version AS found"
)


@dataclass(frozen=True, slots=True)
class Schema:
    """The schema of a database.

    Args:
        revision: its name; empty if there is no schema yet.
        oldest_program: the newest revision of the oldest program that can work on it; empty if that is not recorded.
        ours: whether the table that all our revisions have is there.
    """

    revision: str = ""
    oldest_program: str = ""
    ours: bool = True

    @classmethod
    def of(cls, rows: Sequence[Any]) -> "Schema":
        """Make it from the rows of FOUND."""
        return cls(
            ", ".join(row[0] for row in rows),
            rows[0][1] or "" if len(rows) == 1 else "",
            all(row[2] for row in rows),
        )

    @property
    def fits(self) -> bool:
        """Whether this program can work on it: it is the revision that it needs, or a newer one that allows it, as during a deploy."""
        allows_us = self.revision not in REVISIONS and self.oldest_program in REVISIONS
        return self.ours and (self.revision == HEAD or allows_us)

    @property
    def is_older(self) -> bool:
        """Whether a migration can still bring it to the revision that this program needs."""
        return not self.revision or (self.ours and self.revision in REVISIONS and not self.fits)

    @property
    def trouble(self) -> str:
        """Why this program cannot work on it; empty if it can."""
        if self.fits:
            return ""
        if not self.revision:
            return "the database has no schema yet"
        if self.is_older:
            return f"revision {self.revision} is older than {HEAD}"
        if not self.ours and {self.revision, self.oldest_program} & {*REVISIONS}:
            return (
                f"revision {self.revision} stands in a database that lacks tables of this program: DATABASE_URL leads to another"
                " program's, or what was there must be restored"
            )
        if self.oldest_program:
            return (
                f"revision {self.revision} needs a program of revision {self.oldest_program} or newer, and this one is of"
                f" {HEAD}: deploy a newer release"
            )
        return (
            f"revision {self.revision} is none of this program's, whose newest is {HEAD}: DATABASE_URL leads to the database of"
            " another program, or of a release that does not allow this one"
        )


@asynccontextmanager
async def connection(settings: Settings) -> AsyncIterator[Connection]:
    """One plain connection with our usual limits, closed at the end.

    Raises:
        OSError, TimeoutError: the database does not answer.
        asyncpg.PostgresError: it refuses for now.
        UnusableError: it cannot be used with these settings, and waiting will not help.
    """
    with _first_question():
        opened = await _opened(settings)
    try:
        with _first_question():
            await _refuse_pooler(opened)
        yield opened
    except Exception as error:
        if wrong := database_door.final(error):
            raise unusable(wrong, error) from None
        raise
    finally:
        await _close(opened)


async def _opened(settings: Settings) -> Connection:
    to = way(settings)
    return await asyncpg.connect(
        driver_dsn(to.address),
        ssl=to.tls,
        timeout=CONNECT_TIMEOUT_SECONDS,
        server_settings=SERVER_SETTINGS | {"application_name": f"{settings.service_type}_start"},
    )


async def _close(opened: Connection) -> None:
    """Close the connection; an error is ignored, because all work on it is done."""
    try:
        await opened.close(timeout=CONNECT_TIMEOUT_SECONDS)
    except Exception:  # noqa: BLE001 - of what is no PostgreSQL any
        opened.terminate()


@contextmanager
def _first_question() -> Iterator[None]:
    """Turn every error of the first query into one that passes, or into one sentence with which the role ends."""
    try:
        yield
    except UnusableError:
        raise
    except Exception as error:
        if wrong := database_door.turned_away(error):
            raise unusable(wrong, error) from None
        raise


def unusable(wrong: str, error: BaseException) -> UnusableError:
    """The error with which a role ends because it cannot use its database.

    Args:
        wrong: what is wrong with the database.
        error: that showed it.
    """
    state = database_door.sqlstate(error)
    return UnusableError(f"DATABASE_URL: the database {wrong}" + (f" ({state})" if state else ""))


async def _refuse_pooler(opened: Connection) -> None:
    """Refuse a pooler that gives each transaction another session: it loses our limits, our lock and our prepared statements."""
    found = await opened.fetch(
        "SELECT name, setting FROM pg_settings WHERE name = ANY($1)", [*SERVER_SETTINGS]
    )
    if {row[0]: row[1] for row in found} != SERVER_SETTINGS:
        raise UnusableError(f"DATABASE_URL: the database {database_door.DROPS}")


async def schema(opened: Connection) -> Schema:
    """The schema of the database."""
    with _first_question():
        exists = await opened.fetchval(EXISTS)
        return Schema.of(await opened.fetch(FOUND)) if exists else Schema()


async def wait_for_schema(settings: Settings) -> None:
    """Return once the schema fits. Waits without a limit, and logs that it does: only the API migrates, and it may start later.

    Raises:
        UnusableError: the schema will never fit.
    """
    told = ""
    while True:
        try:
            async with connection(settings) as opened:
                found = await schema(opened)
            if found.fits:
                return
            if not found.is_older:
                raise UnusableError(found.trouble)
            reason = found.trouble
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            why = database_door.passing(error)
            if not why:
                raise
            reason = f"the database {why}"
        if reason != told:
            log.warning("waiting for the API to migrate the database: %s", reason)
            told = reason
        await asyncio.sleep(RETRY_SECONDS)
