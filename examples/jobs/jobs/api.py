"""The HTTP API: request a job, and read its state."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
from fastapi import BackgroundTasks, FastAPI, HTTPException
from pydantic import BaseModel, Field

from jobs.settings import DATABASE_URL, DEFECT
from jobs.sweeper import publish, sweep
from jobs.worker import process


class Job(BaseModel):
    """The body of a request."""

    note: str = Field(max_length=1000)
    seconds: float = Field(default=0.1, ge=0, le=60)


@contextlib.asynccontextmanager
async def lifespan(application: FastAPI) -> AsyncIterator[None]:
    """Open the pool of connections, and run the sweeper."""
    async with asyncpg.create_pool(DATABASE_URL, min_size=1, max_size=5) as pool:
        application.state.pool = pool
        sweeping = asyncio.create_task(sweep(pool))
        yield
        sweeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sweeping


app = FastAPI(title="Jobs", lifespan=lifespan)


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    """Check that it can accept jobs."""
    if DEFECT != "ready_early":
        try:
            await app.state.pool.fetchval("SELECT count(*) FROM jobs WHERE false")
        except (asyncpg.PostgresError, OSError) as error:
            raise HTTPException(503, str(error)) from None
    return {"status": "ok"}


@app.post("/jobs", status_code=202)
async def create(job: Job, later: BackgroundTasks) -> dict[str, Any]:
    """Accept a job: once its row is stored, it will be done."""
    number = await app.state.pool.fetchval(
        "INSERT INTO jobs (note, seconds) VALUES ($1, $2) RETURNING id", job.note, job.seconds
    )
    if DEFECT == "published_in_request":
        await app.state.pool.execute("UPDATE jobs SET due_at = 'infinity' WHERE id = $1", number)
        process.apply_async((number,))
        await app.state.pool.execute("UPDATE jobs SET published_at = now() WHERE id = $1", number)
    else:
        later.add_task(publish, app.state.pool, number)
    return {"id": number}


@app.get("/jobs/{number}")
async def look(number: int) -> dict[str, Any]:
    """Read the state of a job."""
    found = await app.state.pool.fetchrow("SELECT id, state, reason FROM jobs WHERE id = $1", number)
    if found is None:
        raise HTTPException(404, "there is no such job")
    return dict(found)
