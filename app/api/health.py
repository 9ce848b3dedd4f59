"""Whether the process runs, and whether it can do its work."""

import asyncio
import enum
import functools
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BeforeValidator
from sqlalchemy import text

from app.api.dependencies import Belongings, Held
from app.api.problems import Kind, Problem, documented
from app.core import database_door
from app.core.redis_trouble import Probe, trouble
from app.core.schema import EXISTS, FOUND, Schema
from app.migrations import HEAD
from app.roadmaps import account, queues
from app.schemas.health import Health
from app.schemas.problem import InvalidField

router = APIRouter(tags=["health"])
CHECK_SECONDS = 5  # a probe gives up after ten
PROBE = Probe()


@router.get("/health", summary="Check that the process runs")
async def health(held: Held) -> Health:
    """The process answers, and names its commit if Railway has told it.

    It asks no server: an absent database must not make Railway restart the API.
    """
    return Health(status="ok", commit=held.settings.railway_git_commit_sha or None)


class Dependency(enum.StrEnum):
    """What the service needs to do its work."""

    DATABASE = "database"
    REDIS = "redis"
    QUEUES = "queues"
    PROVIDER = "provider"


def _each_once(named: object) -> object:
    """Each check once, however often an address names it. Refuse more names than there are checks: one of them must be unknown."""
    if not isinstance(named, list):
        return named
    once = list(dict.fromkeys(named))
    if len(once) > len(Dependency):
        raise ValueError(f"names other checks than {', '.join(Dependency)}")
    return once


@router.get(
    "/health/ready",
    summary="Check that the service can do its work",
    responses=documented(Kind.NOT_READY, Kind.INVALID_REQUEST),
)
async def ready(
    held: Held,
    check: Annotated[
        list[Dependency] | None,
        BeforeValidator(_each_once),
        Query(description="Make only these checks; all of them by default"),
    ] = None,
) -> Health:
    """The database has the schema this program needs, Redis answers, every queue is consumed, and the provider takes our account.

    However many clients ask, each check runs once at a time, and its result is a second old at most.
    """
    checks = {
        Dependency.DATABASE: _database,
        Dependency.REDIS: _redis,
        Dependency.QUEUES: _queues,
        Dependency.PROVIDER: _provider,
    }
    found = await asyncio.gather(
        *(held.checks.get(one, functools.partial(checks[one], held)) for one in check or Dependency)
    )
    problems = [
        InvalidField(pointer=f"/{pointer}", detail=detail)
        for part in found
        for pointer, detail in part.items()
    ]
    if problems:
        raise Problem(Kind.NOT_READY, "; ".join(f"{p.pointer[1:]} {p.detail}" for p in problems), problems)
    return Health(status="ready", commit=held.settings.railway_git_commit_sha or None)


async def _database(held: Belongings) -> dict[str, str]:
    try:
        async with asyncio.timeout(CHECK_SECONDS), held.engine.connect() as connection:
            made = await connection.scalar(text(EXISTS))
            found = Schema.of((await connection.execute(text(FOUND))).all() if made else ())
    except Exception as error:  # noqa: BLE001 - whatever a driver raises, the answer is "not ready"
        words = (
            database_door.final(error) or database_door.passing(error)
            if database_door.sqlstate(error)
            else ""
        )
        return {"database": words or f"does not answer ({type(error).__name__})"}
    has = (found.revision or "none") + ("" if found.ours else " without our tables")
    return {} if found.fits else {"database": f"has schema {has}, {HEAD} is needed"}


async def _redis(held: Belongings) -> dict[str, str]:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            found = await PROBE.trouble(held.redis)
    except TimeoutError as error:
        found = trouble(error)
    return {"redis": found} if found else {}


async def _queues(held: Belongings) -> dict[str, str]:
    try:
        async with asyncio.timeout(CHECK_SECONDS), held.engine.connect() as connection:
            found = await queues.states(connection, held.settings)
    except Exception as error:  # noqa: BLE001 - without the database nothing is known of the workers
        return {"queues": f"cannot be asked for ({type(error).__name__})"}
    return {f"queues/{queue.name}": trouble for queue in found if (trouble := queue.trouble())}


async def _provider(held: Belongings) -> dict[str, str]:
    """Judge by the newest roadmaps, without a call to the provider: a call costs money."""
    try:
        async with asyncio.timeout(CHECK_SECONDS), held.engine.connect() as connection:
            refusal = await account.standing(connection)
    except Exception:  # noqa: BLE001 - the database's own check says what is wrong with it
        return {}
    return {"provider": refusal.meaning} if refusal else {}
