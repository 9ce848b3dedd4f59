"""Asks a Celery worker about its pool through the broker, as an operator would."""

from celery import Celery

from harness import System, eventually

ASK_SECONDS = 1.0
ANSWER_SECONDS = 20.0


def children(system: System, queue: str) -> set[int]:
    """The pool's processes of a queue's worker, as the worker reports them.

    Args:
        system: with the worker.
        queue: that the worker consumes.

    Raises:
        TimeoutError: it does not answer.
    """
    with Celery("scenario", broker=system.stack.servers.redis_url, set_as_current=False) as celery:

        def asked() -> set[int]:
            inspect = celery.control.inspect(timeout=ASK_SECONDS, limit=1, pattern=f"{queue}@*")
            return {pid for stats in inspect.stats().values() for pid in stats["pool"]["processes"]}

        return eventually(asked, timeout=ANSWER_SECONDS, what=f"what the worker of {queue} says of its pool")
