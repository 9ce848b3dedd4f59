"""A task that proves its queue is consumed and the database reached; every worker has it."""

from celery import Task, shared_task
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from app.models import canaries
from app.tasks.runtime import runtime
from app.tasks.tracing import traced

CANARY_TASK = "canary.sing"


@shared_task(name=CANARY_TASK, bind=True)
def sing(self: Task[[str, str], None], nonce: str, queue: str) -> None:
    """Store that this node took the nonce from that queue."""
    with traced():
        runtime().run(_write(runtime().engine, nonce, queue, self.request.hostname or ""))


async def _write(engine: AsyncEngine, nonce: str, queue: str, node: str) -> None:
    async with engine.begin() as connection:
        await connection.execute(
            insert(canaries).values(nonce=nonce, queue=queue, node=node).on_conflict_do_nothing()
        )
