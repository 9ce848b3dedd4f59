"""The database: a connection for each thing that is done, so that none outlives the server it led to."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

SECONDS = 2.0  # that it may take to answer
GONE = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


@asynccontextmanager
async def connected() -> AsyncIterator[asyncpg.Connection]:
    """One connection, which is cut off at the end: there is nobody to say goodbye to."""
    connection = await asyncpg.connect(os.environ["SHOP_DATABASE"], timeout=SECONDS, command_timeout=SECONDS)
    try:
        yield connection
    finally:
        connection.terminate()
