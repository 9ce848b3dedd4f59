"""uvicorn's connection with limits: on the time and the size of a request's head, and on the time in which a client reads no answer.

uvicorn with httptools waits for the rest of a head without a limit, and keeps what has arrived: a few thousand connections that send
one letter a minute would use up the file descriptors, and one header that never ends would use up the memory. It also waits without a
limit for a client that does not read: each such connection keeps its answer.
"""

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.api.repeats import each_parameter_once

HEAD_BYTES = 65_536  # more only if the whole head comes in one piece; a browser sends a few thousand
# A client must read so many bytes of a waiting answer in the time that a head may take: a thousand a second.
READ_BYTES = 16_384
ADDRESS_BYTES = 8_192  # without repeated parameters; RFC 9110, section 4.1, asks for 8,000 at least


class Connection(HttpToolsProtocol):
    """uvicorn makes one for each connection (its option `--http`)."""

    seconds: ClassVar[float]  # for a head to arrive, and for a client to read; from the settings

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._deadline: asyncio.TimerHandle | None = None
        self._received = 0
        self._unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """See asyncio.Protocol."""
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        super().data_received(data)
        if self._deadline is not None:
            self._received += len(data)
            if self._received > HEAD_BYTES:
                self._refuse(b"431 Request Header Fields Too Large")

    def on_message_begin(self) -> None:
        """See httptools."""
        super().on_message_begin()
        if self._deadline is None:
            self._await_head()

    def on_headers_complete(self) -> None:
        """See httptools."""
        self._forget_head()
        self.url = each_parameter_once(self.url)
        if len(self.url) > ADDRESS_BYTES:
            self._refuse(b"414 URI Too Long")
            return
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        self._forget_head()
        self._forget_unread()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """See asyncio.Protocol."""
        super().pause_writing()
        self._await_reader()

    def resume_writing(self) -> None:
        """See asyncio.Protocol."""
        self._forget_unread()
        super().resume_writing()

    def _await_reader(self) -> None:
        self._forget_unread()
        waiting = self.transport.get_write_buffer_size()
        self._unread = self.loop.call_later(self.seconds, self._look_whether_it_is_read, waiting)

    def _look_whether_it_is_read(self, before: int) -> None:
        if before - self.transport.get_write_buffer_size() >= READ_BYTES:
            self._await_reader()
        else:
            self.transport.abort()

    def _forget_unread(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _await_head(self) -> None:
        self._received = 0
        self._deadline = self.loop.call_later(self.seconds, self._refuse, b"408 Request Timeout")

    def _forget_head(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, status: bytes) -> None:
        self._forget_head()
        # Otherwise the refusal would stand in the middle of another answer.
        if self.cycle is None or self.cycle.response_complete:
            self.transport.write(
                b"HTTP/1.1 " + status + b"\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
            )
        self.transport.close()
