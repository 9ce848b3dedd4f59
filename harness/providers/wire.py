"""Functions below ASGI that ASGI does not offer, or only slowly. They know only uvicorn's connection with httptools.

See docs/decisions/022-a-whole-answer-is-one-write.md.
"""

import socket
import struct
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

_LINE = b": ".join  # characters not allowed in a header's name and value
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: on, with zero seconds


class Wire:
    """The connection that an ASGI `send` belongs to.

    Args:
        send: of ASGI.
    """

    __slots__ = ("_cycle",)

    def __init__(self, send: Any) -> None:
        self._cycle = getattr(send, "__self__", None)

    @property
    def abandoned(self) -> bool:
        """Whether the client has gone."""
        return bool(getattr(self._cycle, "disconnected", False))

    def send_whole(
        self,
        status: int,
        headers: list[tuple[bytes, bytes]],
        body: bytes,
        chunked: bool = False,
    ) -> bool:
        """Send a complete answer in one write.

        Args:
            status: of HTTP.
            headers: names in lower case, with a content-length; our own, so that line breaks need not be checked.
            body: of that length.
            chunked: send it as the one chunk of a stream; then there is no content-length.

        Returns:
            Whether it was sent; False where ASGI must do it: with another server, a client that reads too slowly, or a HEAD
            request.
        """
        cycle = self._cycle
        if (
            type(cycle) is not RequestResponseCycle
            or cycle.flow.write_paused
            or cycle.scope["method"] == "HEAD"
        ):
            return False
        if cycle.disconnected:
            return True
        lines = [*map(_LINE, cycle.default_headers), *map(_LINE, headers)]
        if not cycle.keep_alive:
            lines.append(b"connection: close")
        if chunked:
            lines.append(b"transfer-encoding: chunked")
            body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        cycle.transport.write(b"%b%b\r\n\r\n%b" % (STATUS_LINE[status], b"\r\n".join(lines), body))
        cycle.response_started = cycle.response_complete = True
        cycle.message_event.set()
        if not cycle.keep_alive:
            cycle.transport.close()
        cycle.on_response()
        return True

    def break_off(self, *, reset: bool) -> None:
        """Close the connection, by RST or by FIN, without the rest of the answer."""
        transport = self._cycle.transport  # type: ignore[union-attr]
        if reset:
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            transport.abort()
        else:
            transport.close()
