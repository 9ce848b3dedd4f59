"""A thread beside a main thread that forks, such as that of Celery's pool: no child is made while it is in the middle of something.

OpenSSL's locks are not made anew in a child: its handlers for that are unused since 3.0 (OPENSSL_fork_child(3)). One that another
thread held while the process was forked is held for ever, and the child stands still as soon as it makes a context of TLS, or hashes.
Each connection to PostgreSQL does both.
"""

import asyncio
import os
import selectors
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
_at_work = threading.Lock()
# Whoever forks waits until the thread waits for something itself: milliseconds, in which it computes.
os.register_at_fork(
    before=_at_work.acquire, after_in_parent=_at_work.release, after_in_child=_at_work.release
)


class _Waiting(selectors.DefaultSelector):
    """Of a loop that is not at work while it waits for its connections."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """See selectors."""
        _at_work.release()
        try:
            return super().select(timeout)
        finally:
            _at_work.acquire()


def run(work: Coroutine[Any, Any, T]) -> T:
    """As asyncio.run; the process is forked only while this waits. For one thread at a time, and not for the one that forks.

    Args:
        work: to be done. What it calls that blocks without the loop, blocks whoever wants to fork.
    """
    with _at_work, asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(_Waiting())) as runner:
        return runner.run(work)
