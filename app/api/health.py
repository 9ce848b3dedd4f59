"""Whether the process lives, and whether it can do its work."""

import asyncio

from fastapi import APIRouter
from sqlalchemy import text

from app.api.dependencies import Belongings, Held
from app.api.problems import Kind, Problem
from app.core.schema import is_current
from app.migrations import HEAD
from app.schemas.problem import InvalidField

router = APIRouter(tags=["health"])
CHECK_SECONDS = 5  # a probe gives up after ten


@router.get("/health")
async def health() -> dict[str, str]:
    """The process answers. Touches nothing else: a database that is away must not have Railway restart the API."""
    return {"status": "ok"}


@router.get("/health/ready")
async def ready(held: Held) -> dict[str, str]:
    """The database is there with the schema this program needs, and Redis answers."""
    found = await asyncio.gather(_database(held), _redis(held))
    problems = [
        InvalidField(pointer=f"/{name}", detail=detail)
        for name, detail in zip(("database", "redis"), found, strict=True)
        if detail
    ]
    if problems:
        raise Problem(Kind.NOT_READY, "; ".join(f"{p.pointer[1:]}: {p.detail}" for p in problems), problems)
    return {"status": "ready"}


async def _database(held: Belongings) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS), held.engine.connect() as connection:
            exists = await connection.scalar(text("SELECT to_regclass('alembic_version') IS NOT NULL"))
            found = (
                await connection.scalar(text("SELECT version_num FROM alembic_version")) if exists else None
            )
    except Exception as error:  # noqa: BLE001 - whatever a driver raises, the answer is "not ready"
        return f"does not answer ({type(error).__name__})"
    return "" if is_current(found) else f"has schema {found or 'none'}, {HEAD} is needed"


async def _redis(held: Belongings) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await held.redis.ping()
    except Exception as error:  # noqa: BLE001 - uvloop's closed handle, for one, is a RuntimeError
        return f"does not answer ({type(error).__name__})"
    return ""
