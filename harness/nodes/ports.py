"""A port that is reserved until the role that will listen on it has started."""

import socket
import sys
from typing import Self


class ReservedPort:
    """A free TCP port of the loopback interface, held until closed.

    On Linux, a socket that is bound but never listens keeps the kernel from handing the port to anybody who asks for a free
    one; a server that sets SO_REUSEADDR, as asyncio and uvicorn do, can still listen on it (socket(7): only an active
    listening socket stands in the way). On other systems such a socket would also block the server (setsockopt(2) of the BSDs:
    only SO_REUSEPORT on both would help), so there the port is only one that was free a moment ago.
    """

    def __init__(self) -> None:
        self._held = socket.socket()
        self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._held.bind(("127.0.0.1", 0))
        self.number: int = self._held.getsockname()[1]
        if sys.platform != "linux":
            self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._held.close()
