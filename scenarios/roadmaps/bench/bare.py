"""The smallest program that could accept a roadmap: FastAPI, asyncpg, one insert of the same row. Run by uvicorn."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import asyncpg
from fastapi import FastAPI
from pydantic import BaseModel

POOL_SIZE = 10
TABLE = "bare_requests"  # a copy of roadmap_requests


class Wish(BaseModel):
    """The body of the product's request."""

    topic: str
    goal: str | None = None


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(
        os.environ["DATABASE_URL"], min_size=POOL_SIZE, max_size=POOL_SIZE
    ) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=_lifespan)
USER = UUID(os.environ.get("USER_ID", str(UUID(int=0))))


@app.post("/requests", status_code=202)
async def create(wish: Wish) -> dict[str, UUID]:
    """Insert the row, and nothing else."""
    number = uuid4()
    await app.state.pool.execute(
        f"INSERT INTO {TABLE} (id, user_id, idempotency_key, body) VALUES ($1, $2, $3, $4)",  # noqa: S608 - our own name
        number,
        USER,
        str(number),
        json.dumps(wish.model_dump()),
    )
    return {"id": number}
