"""Which schema the database has, and waiting until it is the one this program needs.

Over asyncpg alone: this runs at every start of every role, where SQLAlchemy's import would be most of the time.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

import asyncpg

from app.core.settings import Settings
from app.core.urls import driver_dsn
from app.migrations import HEAD

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

log = logging.getLogger(__name__)
CONNECT_TIMEOUT_SECONDS = 5
RETRY_SECONDS = 0.5
# It does not answer, has no room, ends or starts, or does not know us (yet): the same classes as in app.core.database_trouble.
UNREACHABLE = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
)


@asynccontextmanager
async def connection(settings: Settings) -> AsyncIterator[Connection]:
    """One plain connection, closed at the end.

    Raises:
        OSError, TimeoutError: the database does not answer.
        asyncpg.PostgresError: it refused.
    """
    opened = await asyncpg.connect(
        driver_dsn(settings.database_url),
        timeout=CONNECT_TIMEOUT_SECONDS,
        server_settings={"application_name": f"{settings.service_type}_start"},
    )
    try:
        yield opened
    finally:
        await opened.close(timeout=CONNECT_TIMEOUT_SECONDS)


async def revision(opened: Connection) -> str | None:
    """The schema's revision; None where there is no schema yet."""
    if await opened.fetchval("SELECT to_regclass('alembic_version')") is None:
        return None
    found: str | None = await opened.fetchval("SELECT version_num FROM alembic_version")
    return found


def is_current(found: str | None) -> bool:
    """Whether this program can work on that revision. A newer one is fine: during a deploy both versions run."""
    return found is not None and found >= HEAD


async def wait_for_schema(settings: Settings) -> None:
    """Return once the schema is current. Waits for ever, and says so: only the API makes it, and it may come later."""
    told = ""
    while True:
        try:
            async with connection(settings) as opened:
                found = await revision(opened)
            if is_current(found):
                return
            reason = f"revision {found} is older than {HEAD}" if found else "the database has no schema yet"
        except UNREACHABLE as error:
            reason = f"the database does not answer ({type(error).__name__})"
        if reason != told:
            log.warning("waiting for the API to migrate the database: %s", reason)
            told = reason
        await asyncio.sleep(RETRY_SECONDS)
