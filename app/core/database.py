"""The engine of every role, with time limits for a frozen or missing PostgreSQL."""

import json
from typing import Any

from sqlalchemy import NullPool, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.core.session import CONNECT_TIMEOUT_SECONDS, SERVER_SETTINGS, way
from app.core.settings import Settings

COMMAND_TIMEOUT_SECONDS = 10
POOL_TIMEOUT_SECONDS = 3
POOL_RECYCLE_SECONDS = 300


def create_engine(settings: Settings, *, pooled: bool = True) -> AsyncEngine:
    """An engine whose connections carry the role's name in pg_stat_activity.

    It belongs to the event loop and the process that first use it: build it after a fork, not before.

    Args:
        settings: address, and DATABASE_POOL_SIZE: the connections it holds at most.
        pooled: False for one that opens a connection for each use.
    """
    to = way(settings)
    connect_args: dict[str, Any] = {
        "ssl": to.tls,
        "timeout": CONNECT_TIMEOUT_SECONDS,
        "command_timeout": COMMAND_TIMEOUT_SECONDS,
        "server_settings": SERVER_SETTINGS | {"application_name": settings.service_type},
    }
    pool: dict[str, Any] = {
        "pool_size": settings.database_pool_size,
        "max_overflow": 0,
        "pool_timeout": POOL_TIMEOUT_SECONDS,
        "pool_recycle": POOL_RECYCLE_SECONDS,
    }
    engine = create_async_engine(
        to.address,
        connect_args=connect_args,
        json_serializer=_dumps,
        hide_parameters=True,  # an error is logged with its statement, and the values are users' texts
        **(pool if pooled else {"poolclass": NullPool}),
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


def _refuse_closed(connection: Any, _record: object, _proxy: object) -> None:
    """Let the pool open another connection where the server has closed this one, as after a restart.

    asyncpg has been told by then, so there is no need to ask: a ping before each use is a tenth of a request's time.
    """
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
