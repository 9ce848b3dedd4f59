"""One half of a forwarded connection."""

import array
import asyncio
import contextlib
import fcntl
import socket
import struct
import termios
from collections import deque
from collections.abc import Callable
from typing import cast

from harness.nodes.proxy.hurt import DOWN, UP, Hurt
from harness.nodes.proxy.link import Link

HIGH_WATER_BYTES = 1 << 20
SLICE_BYTES = 4096  # bytes that are passed on at once under a limited bandwidth
# SO_LINGER with a time of zero makes close() send RST instead of FIN (socket(7))
RESET = struct.pack("ii", 1, 0)


class Pipe(asyncio.Protocol):
    """Data that arrives here is sent by the peer.

    It reads only while its peer can take more and the link does not stall. Other data waits in the kernel, until the sender's own
    buffers are full: as on a network that is cut, nothing is lost, and we need not store it.

    Args:
        link: it belongs to.
        from_server: which half.
        opened: called with the connection, as soon as it can be written to.
    """

    def __init__(
        self, link: Link, *, from_server: bool, opened: "Callable[[Pipe], None]" = lambda _: None
    ) -> None:
        self.link = link
        self.from_server = from_server
        self.way = DOWN if from_server else UP
        self._opened = opened
        self.peer: Pipe | None = None
        self.transport: asyncio.Transport | None = None
        self._late: deque[bytes] = deque()  # slowed down by latency or bandwidth
        self._last_due = 0.0
        self._due = 0  # how many of the late chunks have waited long enough
        self.full = False  # we cannot be written to at the moment
        self._ended = False
        self._broken = False  # our peer's connection was reset
        self._lossy = False  # data was lost here: later data would make no sense without it
        self._gone = False  # our sender has ended, and the peer was not told

    @property
    def held(self) -> int:
        """Bytes that we have not read from the kernel yet."""
        raw: socket.socket | None = self.transport.get_extra_info("socket") if self.transport else None
        size = array.array("i", [0])
        with contextlib.suppress(OSError, ValueError):
            if raw is not None:
                fcntl.ioctl(raw.fileno(), termios.FIONREAD, size)
        return size[0]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(high=HIGH_WATER_BYTES)
        self.link.pipes.add(self)
        # Not at once: before Python 3.11.4 asyncio began to read after this, paused or not (python/cpython#103607).
        asyncio.get_running_loop().call_soon(self._begin)

    def _begin(self) -> None:
        assert self.transport is not None
        self.transport.pause_reading()  # wait until there is a peer
        self._opened(self)

    def data_received(self, data: bytes) -> None:
        hurt = self.link.hurt
        if self._loses():
            self.link.counts["swallowed"] += len(data)
        elif self.from_server and hurt.drop and hurt.drop.takes(data):
            self.link.counts["dropped"] += 1
        elif hurt.latency or hurt.bandwidth or self._late:
            self._slow_down(data)
        else:
            self._forward(data)

    def eof_received(self) -> bool:
        self._ended = True
        if self._loses():
            self._gone = True
            self._tell_both()
        else:
            self._pass_end()
        return True  # the other direction may go on

    def connection_lost(self, exc: Exception | None) -> None:
        self.link.pipes.discard(self)
        if self.peer is None:
            return
        if self._loses():
            self._gone = True
            self.peer.flow()
        elif exc is not None:
            self.peer.broken()

    def pause_writing(self) -> None:
        self.full = True
        if self.peer is not None:
            self.peer.flow()

    def resume_writing(self) -> None:
        self.full = False
        if self.peer is not None:
            self.peer.flow()

    def join(self, peer: "Pipe") -> None:
        """Make the two forward to each other from now on."""
        self.peer, peer.peer = peer, self
        self._tell_both()

    def flow(self) -> None:
        """Pass on, read, or wait, as the state of link and peer allows."""
        if self.transport is None or self.peer is None:
            return
        hurt = self.link.hurt
        if hurt.stall:
            self.transport.pause_reading()
            return
        if self._broken or any(half.lost_end(hurt) for half in (self, self.peer)):
            self.reset()
            return
        while self._due:
            self._due -= 1
            self._forward(self._late.popleft())
        self._pass_end()
        if self.peer.full or (hurt.bandwidth and self._late):
            self.transport.pause_reading()
        elif not self._ended:
            self.transport.resume_reading()

    def broken(self) -> None:
        """Our peer was reset; pass that on as soon as the link allows it."""
        self._broken = True
        self.flow()

    def reset(self) -> None:
        """Close with RST."""
        if self.transport is None:
            return
        raw: socket.socket | None = self.transport.get_extra_info("socket")
        if raw is not None and raw.family != socket.AF_UNIX:
            with contextlib.suppress(OSError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.transport.abort()

    def lost_end(self, hurt: Hurt) -> bool:
        """Whether our sender ended while the link lost its end, and does not lose it now.

        Args:
            hurt: the link's faults now.
        """
        return self._gone and not hurt.loses(self.way)

    @property
    def at_end(self) -> bool:
        """Whether our sender has ended and all its data was passed on."""
        return self._ended and not self._late

    def _loses(self) -> bool:
        """Whether data that arrives now is lost, because of a fault or because earlier data was lost."""
        self._lossy |= self.link.hurt.loses(self.way)
        return self._lossy

    def _tell_both(self) -> None:
        for half in (self, self.peer):
            if half is not None:
                half.flow()

    def _slow_down(self, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        size = SLICE_BYTES if self.link.hurt.bandwidth else len(data)
        for start in range(0, len(data), size):
            piece = data[start : start + size]
            due = self.link.due(self.way, len(piece), loop.time())
            # never before earlier chunks, even if the latency has been healed since
            self._last_due = max(due, self._last_due)
            self._late.append(piece)
            self.link.counts["late"] += 1
            loop.call_at(self._last_due, self._one_is_due)
        self.flow()

    def _one_is_due(self) -> None:
        self._due += 1
        self.flow()

    def _forward(self, data: bytes) -> None:
        if self.peer is None or self.peer.transport is None or self.peer.transport.is_closing():
            return
        self.link.counts[self.way] += len(data)
        self.peer.transport.write(data)

    def _pass_end(self) -> None:
        peer = self.peer
        if not self.at_end or self._gone or peer is None or peer.transport is None:
            return
        with contextlib.suppress(OSError, RuntimeError):
            peer.transport.write_eof()
        if peer.at_end and self.transport is not None:
            self.transport.close()
            peer.transport.close()
