"""Runs a thread beside a main thread that forks, such as that of Celery's pool. No fork happens while the thread computes.

A child inherits OpenSSL's locks as they are: its fork handlers are unused since 3.0 (OPENSSL_fork_child(3)). A lock that another
thread held during the fork is never released in the child, which hangs as soon as it makes a TLS context or a hash. Each connection to
PostgreSQL does both.
"""

import asyncio
import os
import selectors
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
_at_work = threading.Lock()
# The forking thread waits until this thread waits for its connections: milliseconds.
os.register_at_fork(
    before=_at_work.acquire, after_in_parent=_at_work.release, after_in_child=_at_work.release
)


class _Waiting(selectors.DefaultSelector):
    """The selector of a loop that allows forks while it waits for its connections."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """See selectors."""
        _at_work.release()
        try:
            return super().select(timeout)
        finally:
            _at_work.acquire()


def run(work: Coroutine[Any, Any, T]) -> T:
    """Like asyncio.run, but the process forks only while this loop waits. For one thread at a time, and not for the one that forks.

    Args:
        work: to be done. A blocking call in it also blocks a fork.
    """
    with _at_work, asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(_Waiting())) as runner:
        return runner.run(work)
