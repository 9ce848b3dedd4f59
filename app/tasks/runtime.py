"""Kept by a pool child from task to task: one event loop with its own engine and publisher.

It is built after the fork: neither an asyncpg pool nor a broker connection survives a fork.
"""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from contextvars import copy_context
from dataclasses import dataclass
from types import FrameType
from typing import Any, TypeVar

from celery.signals import worker_process_init, worker_process_shutdown
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core import collecting
from app.core.batch_sender import BatchSender
from app.core.celery_app import celery_app, settings
from app.core.database import create_engine
from app.core.publisher import Publisher
from app.core.settings import Settings

T = TypeVar("T")
CLOSE_SECONDS = 2
TURNS = 4  # turns of a loop, enough to notice a closed connection, read its end, and tell its owner


@dataclass(slots=True)
class Runtime:
    """The state that one pool child keeps from task to task."""

    settings: Settings
    engine: AsyncEngine
    publisher: Publisher
    runner: asyncio.Runner
    stop_telemetry: Callable[[], None]

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run work to its end on this child's loop; SIGTERM cancels it, so that it can hand back its roadmap.

        Raises:
            asyncio.CancelledError: SIGTERM came.
        """
        loop = self.runner.get_loop()

        async def cancellable() -> T:
            task = asyncio.current_task()
            assert task is not None

            def stop(_signal: int, _frame: FrameType | None) -> None:
                loop.call_soon_threadsafe(task.cancel)

            before = signal.signal(signal.SIGTERM, stop)
            try:
                await _hear()
                return await work
            finally:
                signal.signal(signal.SIGTERM, before)

        # Otherwise the runner would keep the context of its first task, with that task's log fields.
        return self.runner.run(cancellable(), context=copy_context())

    def close(self) -> None:
        self.publisher.close(CLOSE_SECONDS)
        self.runner.run(self.engine.dispose())
        self.runner.close()
        self.stop_telemetry()


async def _hear() -> None:
    """Let the loop notice what has happened since the last task, because it did not run: above all, which connections were closed."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


_runtime: Runtime | None = None


def runtime() -> Runtime:
    """This child's runtime.

    Raises:
        RuntimeError: called outside a pool child.
    """
    if _runtime is None:
        raise RuntimeError("only a task in a worker's pool child has a runtime")
    return _runtime


@worker_process_init.connect
def _start(**_: object) -> None:
    global _runtime  # noqa: PLW0603 - one a process, made by the fork
    publisher = Publisher(BatchSender(celery_app))
    publisher.start()
    _runtime = Runtime(
        settings, create_engine(settings), publisher, asyncio.Runner(), collecting.start(settings)
    )


@worker_process_shutdown.connect
def _stop(**_: object) -> None:
    if _runtime is not None:
        _runtime.close()
