"""Proof that a queue is consumed: a task that must come back, through the database or as an event of its success.

A control ping costs its whole time-out and sometimes gets no answer; a ready line proves nothing about broker and database.
"""

import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from harness.application import App, Canary
from harness.base.database import Database
from harness.base.pace import factor
from harness.evidence.task_events import Event, TaskEvents

AWAITED_SECONDS = 60.0  # seconds; the message lives as long, because a worker may be ready only at the end
AGAIN_SECONDS = 1.0
BUILT_IN = "celery.accumulate"  # which every worker has (celery.app.builtins)
SUCCEEDED = "task-succeeded"


class Canaries(ABC):
    """One canary for each queue, sent at once; it may be published before the worker exists.

    Args:
        redis_url: of the broker.
        queues: to be proved.
    """

    def __init__(self, redis_url: str, queues: Sequence[str]) -> None:
        self._url = redis_url
        self.nonces = {queue: secrets.token_hex(8) for queue in queues}

    @abstractmethod
    def silent(self, database: Database) -> list[str]:
        """The queues whose canary has not come back yet.

        Args:
            database: of the stack.
        """

    def _send(self, queues: Sequence[str], task: str, *, named: bool) -> None:
        from celery import (
            Celery,
        )  # imported here: it takes a third of a second, which only a starting stack needs

        with Celery("harness", broker=self._url, set_as_current=False) as celery:
            for queue in queues:
                nonce = self.nonces[queue]
                arguments = {"nonce": nonce, "queue": queue} if named else {}
                celery.send_task(
                    task,
                    kwargs=arguments,
                    task_id=nonce,
                    queue=queue,
                    expires=AWAITED_SECONDS * factor(),
                    ignore_result=True,
                )


class DeclaredCanaries(Canaries):
    """Canaries by the application's own task, which stores its arguments.

    Args:
        redis_url: see Canaries.
        queues: see Canaries.
        canary: what the application says of it.
    """

    def __init__(self, redis_url: str, queues: Sequence[str], canary: Canary) -> None:
        super().__init__(redis_url, queues)
        self._back = canary.back
        self._send(queues, canary.task, named=True)

    def silent(self, database: Database) -> list[str]:
        """See Canaries."""
        found = database.rows(self._back, list(self.nonces.values()))
        back = {value for row in found for value in row.values()}
        return [queue for queue, nonce in self.nonces.items() if nonce not in back]


class BuiltInCanaries(Canaries):
    """Canaries by a task of Celery itself. A worker that sends no events yet is asked to send them, and gets another canary."""

    def __init__(self, redis_url: str, queues: Sequence[str]) -> None:
        super().__init__(redis_url, queues)
        self._sent: dict[str, str] = {}  # id of a task -> its queue
        self._back: set[str] = set()
        self._again = 0.0

    def hear(self, event: Event) -> None:
        """An event of a task.

        Args:
            event: as Celery has it.
        """
        if event["type"] == SUCCEEDED and (queue := self._sent.get(event["uuid"])):
            self._back.add(queue)

    def silent(self, database: Database) -> list[str]:
        """See Canaries."""
        del database  # it does not tell about these tasks
        waiting = [queue for queue in self.nonces if queue not in self._back]
        if waiting and time.monotonic() >= self._again:
            self._again = time.monotonic() + AGAIN_SECONDS
            self.nonces |= {queue: secrets.token_hex(8) for queue in waiting}
            self._sent |= {self.nonces[queue]: queue for queue in waiting}
            self._send(waiting, BUILT_IN, named=False)
        return waiting


@contextmanager
def canaries(app: App, redis_url: str, queues: Sequence[str]) -> Iterator[Canaries]:
    """Canaries that were sent, until the block ends.

    Args:
        app: whose queues they prove.
        redis_url: of the broker.
        queues: to be proved.
    """
    if app.canary is not None:
        yield DeclaredCanaries(redis_url, queues, app.canary)
        return
    sent = BuiltInCanaries(redis_url, queues)
    events = TaskEvents(redis_url, sent.hear)
    events.start()
    try:
        yield sent
    finally:
        events.stop()
