"""Bring the database to the newest schema, and make its first administrator.

Every replica of the API may start at once, and Alembic is not safe to run twice: a session-level advisory lock, on a
connection of its own, lets one at a time through. If its holder dies, PostgreSQL frees it.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from app.core.schema import RETRY_SECONDS, UNREACHABLE, Connection, connection, is_current, revision
from app.core.settings import Settings
from app.migrations import HEAD

log = logging.getLogger(__name__)
MIGRATION_LOCK = 0x726F61646D6170  # "roadmap": any number will do, as long as nobody else takes it


async def prepare_database(settings: Settings) -> None:
    """What the API does to the database before it serves, once however many replicas start.

    Raises:
        TimeoutError: the database did not answer within DATABASE_WAIT_SECONDS.
    """
    from app.core.admin import create_admin

    async with migration_lock(settings) as holder:
        migrated = await migrate(settings, holder)
        created = await create_admin(settings, holder)
    log.info(
        "the database is at revision %s (%s), the administrator %s",
        HEAD,
        "migrated now" if migrated else "nothing to migrate",
        "was created" if created else "exists",
    )


@asynccontextmanager
async def migration_lock(settings: Settings) -> AsyncIterator[Connection]:
    """Hold the lock that only one migration in the world has, on the connection that is yielded.

    Raises:
        TimeoutError: the database did not answer within DATABASE_WAIT_SECONDS.
    """
    async with AsyncExitStack() as opened:
        holder = await _connected(settings, opened)
        await holder.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK)
        yield holder  # closing the session frees it


async def migrate(settings: Settings, holder: Connection) -> bool:
    """Upgrade the database to HEAD, unless it is there.

    Args:
        settings: of the database.
        holder: the connection that holds the migration lock.

    Returns:
        Whether there was anything to do.
    """
    found = await revision(holder)
    if is_current(found):
        return False
    log.info("migrating the database from %s to %s", found or "nothing", HEAD)
    await _upgrade(settings)
    return True


async def _upgrade(settings: Settings) -> None:
    # Half a second of imports that a database which is current never pays for.
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import engine, pool
    from sqlalchemy.ext.asyncio import create_async_engine

    def upgrade(sync_connection: engine.Connection) -> None:
        config = Config()
        config.set_main_option("script_location", "app:migrations")
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = sync_connection
        command.upgrade(config, "head")

    upgrading = create_async_engine(settings.database_url, poolclass=pool.NullPool)
    async with upgrading.begin() as opened:
        await opened.run_sync(upgrade)
    await upgrading.dispose()


async def _connected(settings: Settings, opened: AsyncExitStack) -> Connection:
    """The first connection that the database lets us have."""
    limit = settings.database_wait_seconds
    try:
        async with asyncio.timeout(limit):
            while True:
                try:
                    return await opened.enter_async_context(connection(settings))
                except UNREACHABLE as error:
                    log.warning("waiting for the database: %s", type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
    except TimeoutError:
        raise TimeoutError(f"the database did not answer within {limit:g} s: check DATABASE_URL") from None
