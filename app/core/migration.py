"""Bring the database to the newest schema, and make its first administrator.

All replicas of the API may start at once, and Alembic must not run twice at a time: a session-level advisory lock, on its own
connection, lets one replica migrate after the other. If its holder dies, PostgreSQL releases it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from app import migrations
from app.core import database_door
from app.core.schema import RETRY_SECONDS, Connection, connection, schema, unusable
from app.core.session import CONNECT_TIMEOUT_SECONDS, way
from app.core.settings import Settings
from app.core.unusable import UnusableError
from app.migrations import HEAD

Result = TypeVar("Result")

log = logging.getLogger(__name__)
MIGRATION_LOCK = 0x726F61646D6170  # the letters of "roadmap": any number that no other program uses
# How long a revision may wait for a table that is in use: other sessions that need the table wait behind it.
LOCK_TIMEOUT_MILLISECONDS = 3000
VERSIONS = str(Path(migrations.__file__).parent / "versions")


async def prepare_database(settings: Settings) -> None:
    """Prepare the database before the API serves; one replica does it, however many start.

    Raises:
        TimeoutError: the database was not to be had within DATABASE_WAIT_SECONDS.
        UnusableError: waiting will not mend it.
    """
    from app.core.admin import create_admin

    async def prepare(holder: Connection) -> tuple[str, bool, bool]:
        return *await _migrated(settings, holder), await create_admin(settings, holder)

    revision, migrated, created = await locked(settings, prepare)
    log.info(
        "the database is at revision %s (%s), the administrator %s",
        revision,
        "migrated now" if migrated else "nothing to migrate",
        "was created" if created else "exists",
    )


async def migrate_database(settings: Settings) -> None:
    """Migrate without making an administrator: for a command that is run before a deploy, or by hand.

    Raises:
        TimeoutError: the database was not to be had within DATABASE_WAIT_SECONDS.
        UnusableError: waiting will not mend it.
    """

    async def prepare(holder: Connection) -> tuple[str, bool]:
        return await _migrated(settings, holder)

    revision, migrated = await locked(settings, prepare)
    log.info("the database is at revision %s (%s)", revision, "migrated now" if migrated else "nothing to do")


async def locked(settings: Settings, work: Callable[[Connection], Awaitable[Result]]) -> Result:
    """Do something while no other process migrates; try again while the trouble is one that passes.

    Args:
        settings: of the database, and how long to go on trying.
        work: gets the connection that holds the lock; what it has done stays if it is called again.

    Raises:
        TimeoutError: the database was not to be had within DATABASE_WAIT_SECONDS.
        UnusableError: waiting will not mend it.
    """
    loop, limit = asyncio.get_running_loop(), settings.database_wait_seconds
    until, told = loop.time() + limit, ""
    while True:
        try:
            async with asyncio.timeout_at(until) as waiting, connection(settings) as holder:
                waiting.reschedule(None)  # a migration itself has no time limit
                await _lock(holder)
                return await work(holder)
        except Exception as error:  # asyncpg's, SQLAlchemy's and the system's
            why = database_door.passing(error)
            if wrong := database_door.final(error) or ("" if why else database_door.refused(error)):
                raise unusable(wrong, error) from error
            if not why:
                raise
        if why != told:
            log.warning("waiting for the database: it %s", why)
            told = why
        if loop.time() + RETRY_SECONDS >= until:
            said = "did not answer" if why.startswith("does not answer") else f"{why}, and that"
            raise TimeoutError(f"the database {said} within {limit:g} s: check DATABASE_URL")
        await asyncio.sleep(RETRY_SECONDS)


async def _lock(holder: Connection) -> None:
    if not await holder.fetchval("SELECT pg_try_advisory_lock($1)", MIGRATION_LOCK):
        log.info("waiting for another process that migrates the database")
        await holder.execute("SET statement_timeout = 0; SET lock_timeout = 0")
        await holder.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK)


async def _migrated(settings: Settings, holder: Connection) -> tuple[str, bool]:
    """Migrate; return the database's revision, and whether there was anything to do."""
    found = await schema(holder)
    if found.fits:
        return found.revision, False
    if not found.is_older:
        raise UnusableError(found.trouble)
    log.info("migrating the database from %s to %s", found.revision or "nothing", HEAD)
    await _upgrade(settings)
    return HEAD, True


async def _upgrade(settings: Settings) -> None:
    # Half a second of imports, only for a database that is not current.
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import engine, pool
    from sqlalchemy.ext.asyncio import create_async_engine

    def upgrade(sync_connection: engine.Connection) -> None:
        config = Config()
        config.set_main_option("script_location", "app:migrations")
        config.set_main_option("path_separator", "os")
        config.set_main_option("version_locations", VERSIONS)
        config.attributes["connection"] = sync_connection
        command.upgrade(config, "head")

    to = way(settings)
    session = {
        "application_name": f"{settings.service_type}_migration",
        "lock_timeout": str(LOCK_TIMEOUT_MILLISECONDS),
    }
    upgrading = create_async_engine(
        to.address,
        poolclass=pool.NullPool,
        connect_args={"ssl": to.tls, "timeout": CONNECT_TIMEOUT_SECONDS, "server_settings": session},
    )
    try:
        async with upgrading.connect() as opened:  # outside a transaction: each revision begins its own
            await opened.run_sync(upgrade)
    finally:
        await upgrading.dispose()
