"""Publishes due jobs that no worker does: never published, forgotten by the broker, or left by a dead worker."""

import asyncio
import logging

import asyncpg
from starlette.concurrency import run_in_threadpool

from jobs.settings import DEFECT
from jobs.worker import ATTEMPTS, process

EVERY_SECONDS = 1.0
PATIENCE = "interval '3 seconds'"
NEVER_PUBLISHED = "published_at IS NULL AND due_at < now() - interval '1 second'"
FORGOTTEN = f"state = 'queued' AND published_at < now() - {PATIENCE}"
LEFT = f"state = 'running' AND published_at < now() - {PATIENCE} AND attempts < {ATTEMPTS + 1}"
GIVEN_UP = (
    "UPDATE jobs SET state = 'failed', reason = 'tried too often'"  # noqa: S608 - constants
    f" WHERE state = 'running' AND attempts > {ATTEMPTS} AND pg_try_advisory_xact_lock(id)"
)


def _due() -> str:
    found = [NEVER_PUBLISHED]
    if DEFECT != "forgotten":
        found.append(FORGOTTEN)
    if DEFECT not in {"never_swept", "acknowledged_early"}:
        found.append(LEFT)
    return " OR ".join(f"({one})" for one in found)


async def publish(pool: asyncpg.Pool, job: int) -> None:
    """Publish a job, and store that; if the broker is away, the sweeper publishes it later.

    Args:
        pool: of connections.
        job: id of the job.
    """
    try:
        await run_in_threadpool(process.apply_async, (job,), retry=False)
    except Exception as error:  # noqa: BLE001 - whatever a broker that is away has raised
        logging.getLogger("uvicorn.error").warning("job %s is published later: %s", job, error)
        return
    await pool.execute("UPDATE jobs SET published_at = now() WHERE id = $1 AND published_at IS NULL", job)


async def sweep(pool: asyncpg.Pool) -> None:
    """Sweep until cancelled."""
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            if DEFECT != "never_ends":
                await pool.execute(GIVEN_UP)
            found = await pool.fetch(
                "UPDATE jobs SET published_at = now() WHERE id IN (SELECT id FROM jobs"  # noqa: S608 - constants
                f" WHERE state IN ('queued', 'running') AND ({_due()}) LIMIT 100 FOR UPDATE SKIP LOCKED) RETURNING id"
            )
            for row in found:
                await publish(pool, row["id"])
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            logging.getLogger("uvicorn.error").warning("swept later: %s", error)
