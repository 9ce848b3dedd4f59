"""A port that nobody else is handed before the role that will listen on it has started."""

import socket
from typing import Self


class ReservedPort:
    """A free TCP port of the loopback interface, held until closed.

    A socket that is bound but never listens keeps the kernel from handing the port to anybody who asks for a free one; a
    server that sets SO_REUSEADDR, as asyncio and uvicorn do, can still listen on it (Linux, socket(7): only an active
    listening socket stands in the way).
    """

    def __init__(self) -> None:
        self._held = socket.socket()
        self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._held.bind(("127.0.0.1", 0))
        self.number: int = self._held.getsockname()[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._held.close()
