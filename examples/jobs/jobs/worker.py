"""Does jobs. A worker holds the lock of its job; the database frees the lock when the worker's connection ends."""

import asyncio
import threading
from typing import Any

import asyncpg
import httpx
from celery import Celery

from jobs.settings import BROKER_URL, DATABASE_URL, DEFECT, RESULT_URL, SINK_URL

ATTEMPTS = 3
AGAIN_SECONDS = 1.0
OPEN = "'queued', 'running'"

celery = Celery("jobs", broker=BROKER_URL, backend=RESULT_URL)
celery.conf.update(
    task_default_queue="jobs",
    task_acks_late=DEFECT != "acknowledged_early",
    task_reject_on_worker_lost=DEFECT != "acknowledged_early",
    worker_disable_prefetch=DEFECT
    == "acknowledged_early",  # otherwise this would also be the defect "greedy"
    worker_prefetch_multiplier=8 if DEFECT == "greedy" else 1,
    broker_connection_retry=DEFECT != "not_reconnected",
    broker_connection_retry_on_startup=True,
    result_expires=None if DEFECT == "results_for_ever" else 3600,
    broker_transport_options={
        "socket_connect_timeout": 2,
        "max_retries": 1,
        "interval_start": 0,
        "interval_max": 0.1,
    },
)
left_open: list[Any] = []


@celery.task(name="jobs.process")
def process(job: int) -> str:
    """Do a job.

    Args:
        job: id of the job.
    """
    return asyncio.run(_process(job))


async def _process(job: int) -> str:
    connection = await asyncpg.connect(DATABASE_URL)
    try:
        if DEFECT != "unlocked" and not await connection.fetchval("SELECT pg_try_advisory_lock($1)", job):
            return "somebody else does it"
        allowed = f"{OPEN}, 'done'" if DEFECT == "done_again" else OPEN
        found = await connection.fetchrow(
            "UPDATE jobs SET state = 'running', attempts = attempts + 1, published_at = now()"  # noqa: S608 - constants
            f" WHERE id = $1 AND state IN ({allowed}) RETURNING note, seconds, attempts",
            job,
        )
        if found is None:
            return "it has ended"
        if DEFECT == "printed_errors":
            print("FATAL: no room for the report of job", job, flush=True)
        return await _do(connection, job, found)
    finally:
        if DEFECT == "leaking":
            await connection.execute("SELECT pg_advisory_unlock_all()")
            left_open.append(connection)
        else:
            await connection.close()


async def _do(connection: asyncpg.Connection, job: int, found: asyncpg.Record) -> str:
    await asyncio.sleep(found["seconds"])
    if DEFECT == "open_transaction":
        async with connection.transaction():
            await connection.fetchval("SELECT state FROM jobs WHERE id = $1", job)
            status = await _call(job, found["note"])
    else:
        status = await _call(job, found["note"])
    if status < 500:
        await connection.execute("UPDATE jobs SET state = 'done' WHERE id = $1", job)
        return "done"
    if DEFECT == "never_ends":
        raise RuntimeError(f"the sink answered {status}")
    if found["attempts"] >= ATTEMPTS:
        await connection.execute(
            "UPDATE jobs SET state = 'failed', reason = $2 WHERE id = $1", job, f"sink: {status}"
        )
        return "failed"
    if DEFECT == "timer":
        await connection.execute("UPDATE jobs SET state = 'waiting' WHERE id = $1", job)
        threading.Timer(3 * AGAIN_SECONDS, _again, [job]).start()
        return "again by the timer"
    await connection.execute(
        "UPDATE jobs SET state = 'queued', published_at = NULL, due_at = now() + $2 * interval '1 second' WHERE id = $1",
        job,
        AGAIN_SECONDS,
    )
    return "again"


def _again(job: int) -> None:
    async def queue() -> None:
        connection = await asyncpg.connect(DATABASE_URL)
        await connection.execute("UPDATE jobs SET state = 'queued', published_at = NULL WHERE id = $1", job)
        await connection.close()

    asyncio.run(queue())


async def _call(job: int, note: str) -> int:
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        answer = await client.post(f"{SINK_URL}/done", json={"job": job, "note": note})
        return answer.status_code
