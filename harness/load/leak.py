"""A program that opens connections to PostgreSQL and forgets them: a fault on purpose."""

import asyncio
import threading
from contextlib import suppress
from typing import Self

import asyncpg

from harness.load.mutants import LEAK_EVERY_SECONDS, LEAKED


class Leak:
    """Leaks connections until the context ends.

    Args:
        database_url: of the stack.
    """

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._over = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name=LEAKED, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    async def _run(self) -> None:
        forgotten = []
        while not self._over.is_set():
            with suppress(asyncpg.TooManyConnectionsError):
                forgotten.append(
                    await asyncpg.connect(self._url, server_settings={"application_name": LEAKED})
                )
            await asyncio.to_thread(self._over.wait, LEAK_EVERY_SECONDS)
        for connection in forgotten:
            connection.terminate()
