"""Whether the process lives, and whether it can do its work."""

import asyncio
import enum
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import text

from app.api.dependencies import Belongings, Held
from app.api.problems import Kind, Problem, documented
from app.core.redis_trouble import trouble
from app.core.schema import is_current
from app.migrations import HEAD
from app.roadmaps import account, queues
from app.schemas.health import Health
from app.schemas.problem import InvalidField

router = APIRouter(tags=["health"])
CHECK_SECONDS = 5  # a probe gives up after ten


@router.get("/health", summary="Whether the process lives")
async def health(held: Held) -> Health:
    """The process answers, and says which commit it is of, as far as Railway told it.

    Touches nothing else: a database that is away must not have Railway restart the API.
    """
    return Health(status="ok", commit=held.settings.railway_git_commit_sha or None)


class Dependency(enum.StrEnum):
    """What the service needs to do its work."""

    DATABASE = "database"
    REDIS = "redis"
    QUEUES = "queues"
    PROVIDER = "provider"


@router.get(
    "/health/ready",
    summary="Whether it can do its work",
    responses=documented(Kind.NOT_READY, Kind.INVALID_REQUEST),
)
async def ready(
    held: Held,
    check: Annotated[list[Dependency] | None, Query(description="Only these; all by default")] = None,
) -> Health:
    """The database has the schema this program needs, Redis answers, every queue is consumed, and the provider takes our account."""
    wanted = dict.fromkeys(check or Dependency)
    checks = {
        Dependency.DATABASE: _database,
        Dependency.REDIS: _redis,
        Dependency.QUEUES: _queues,
        Dependency.PROVIDER: _provider,
    }
    found = await asyncio.gather(*(checks[dependency](held) for dependency in wanted))
    problems = [
        InvalidField(pointer=f"/{pointer}", detail=detail)
        for part in found
        for pointer, detail in part.items()
    ]
    if problems:
        raise Problem(Kind.NOT_READY, "; ".join(f"{p.pointer[1:]} {p.detail}" for p in problems), problems)
    return Health(status="ready", commit=held.settings.railway_git_commit_sha or None)


async def _database(held: Belongings) -> dict[str, str]:
    exists = text("SELECT to_regclass('alembic_version') IS NOT NULL")
    try:
        async with asyncio.timeout(CHECK_SECONDS), held.engine.connect() as connection:
            made = await connection.scalar(exists)
            found = await connection.scalar(text("SELECT version_num FROM alembic_version")) if made else None
    except Exception as error:  # noqa: BLE001 - whatever a driver raises, the answer is "not ready"
        return {"database": f"does not answer ({type(error).__name__})"}
    return {} if is_current(found) else {"database": f"has schema {found or 'none'}, {HEAD} is needed"}


async def _redis(held: Belongings) -> dict[str, str]:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            try:
                await held.redis.ping()
            except Exception:  # noqa: BLE001 - uvloop's closed handle, for one, is a RuntimeError
                # A connection that broke while nobody looked says nothing about Redis: ask again on a new one.
                await held.redis.connection_pool.disconnect()
                await held.redis.ping()
    except Exception as error:  # noqa: BLE001 - whatever the client raises, the answer is "not ready"
        return {"redis": trouble(error)}
    return {}


async def _queues(held: Belongings) -> dict[str, str]:
    try:
        async with asyncio.timeout(CHECK_SECONDS), held.engine.connect() as connection:
            found = await queues.states(connection, held.settings)
    except Exception as error:  # noqa: BLE001 - without the database nothing is known of the workers
        return {"queues": f"cannot be asked for ({type(error).__name__})"}
    return {f"queues/{queue.name}": trouble for queue in found if (trouble := queue.trouble())}


async def _provider(held: Belongings) -> dict[str, str]:
    """Nobody is asked: a call costs money, and the roadmaps that were asked for tell."""
    try:
        async with asyncio.timeout(CHECK_SECONDS), held.engine.connect() as connection:
            refusal = await account.standing(connection)
    except Exception:  # noqa: BLE001 - the database's own check says what is wrong with it
        return {}
    return {"provider": refusal.meaning} if refusal else {}
