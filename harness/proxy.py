"""The stable address of every link, and the place where a link is hurt.

A program of its own, standard library only. It binds port 0 for each link and forwards to a server that may move, be
restarted or be away; its clients see what they would see in production. Told what to do over a unix socket: requests and
answers are JSON lines; a request has `do`: add, aim, hurt, heal, stats.
"""

import asyncio
import contextlib
import json
import re
import socket
import struct
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, cast

Answer = dict[str, Any]
CONNECT_SECONDS = 5.0
HIGH_WATER_BYTES = 1 << 20
# SO_LINGER with a time of zero makes close() send RST instead of FIN (socket(7))
RESET = struct.pack("ii", 1, 0)


@dataclass(slots=True)
class Hurt:
    """What a link suffers; nothing by default.

    Args:
        refuse: new connections are reset at once.
        stall: nothing is forwarded in either direction, nothing is closed.
        latency: seconds that each chunk takes longer, each way.
        drop: a regular expression; the next chunk from the server that matches is swallowed, once.
    """

    refuse: bool = False
    stall: bool = False
    latency: float = 0.0
    drop: re.Pattern[bytes] | None = None


@dataclass(slots=True)
class Link:
    """One forwarded address.

    Args:
        name: of the link.
        target: `host:port`, or `unix:/path`.
    """

    name: str
    target: str
    hurt: Hurt = field(default_factory=Hurt)
    pipes: set["Pipe"] = field(default_factory=set)
    accepted: int = 0
    dropped: int = 0
    up: int = 0
    down: int = 0

    async def connect(self, factory: Callable[[], asyncio.Protocol]) -> None:
        loop = asyncio.get_running_loop()
        if self.target.startswith("unix:"):
            await loop.create_unix_connection(factory, self.target.removeprefix("unix:"))
        else:
            host, _, port = self.target.rpartition(":")
            await loop.create_connection(factory, host, int(port))

    def stats(self) -> Answer:
        return {
            "open": len(self.pipes) // 2,
            "accepted": self.accepted,
            "dropped": self.dropped,
            "up": self.up,
            "down": self.down,
        }


class Pipe(asyncio.Protocol):
    """One half of a forwarded connection: what arrives here leaves at the peer.

    Args:
        link: it belongs to.
        from_server: which half.
        opened: told of the connection, as soon as it can be written to.
    """

    def __init__(
        self, link: Link, *, from_server: bool, opened: "Callable[[Pipe], None]" = lambda _: None
    ) -> None:
        self.link = link
        self.from_server = from_server
        self._opened = opened
        self.peer: Pipe | None = None
        self.transport: asyncio.Transport | None = None
        self._held: list[bytes] = []
        self._ended = False
        self._delayed = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(high=HIGH_WATER_BYTES)
        self.link.pipes.add(self)
        self._opened(self)

    def data_received(self, data: bytes) -> None:
        hurt = self.link.hurt
        if self.from_server and hurt.drop and hurt.drop.search(data):
            hurt.drop = None
            self.link.dropped += 1
        elif hurt.stall or self._held or self.peer is None:
            self._held.append(data)
        elif hurt.latency or self._delayed:
            self._delayed += 1
            asyncio.get_running_loop().call_later(hurt.latency, self._late, data)
        else:
            self._forward(data)

    def eof_received(self) -> bool:
        self._ended = True
        self._pass_end()
        return True  # the other direction may go on

    def connection_lost(self, exc: Exception | None) -> None:
        self.link.pipes.discard(self)
        if self.peer is not None and self.peer.transport is not None and not self.link.hurt.stall:
            if exc is None:
                self.peer.transport.close()
            else:
                self.peer.reset()

    def pause_writing(self) -> None:
        if self.peer is not None and self.peer.transport is not None:
            self.peer.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.peer is not None and self.peer.transport is not None:
            self.peer.transport.resume_reading()

    def join(self, peer: "Pipe") -> None:
        """From now on the two forward to each other."""
        self.peer, peer.peer = peer, self
        for half in (self, peer):
            half.flow()

    def flow(self) -> None:
        """Send what was held back, unless the link still stalls."""
        if self.link.hurt.stall or self.peer is None:
            return
        held, self._held = self._held, []
        for data in held:
            self._forward(data)
        self._pass_end()

    def reset(self) -> None:
        """Close with RST."""
        if self.transport is None:
            return
        raw: socket.socket | None = self.transport.get_extra_info("socket")
        if raw is not None and raw.family != socket.AF_UNIX:
            with contextlib.suppress(OSError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.transport.abort()

    def _late(self, data: bytes) -> None:
        self._delayed -= 1
        self._forward(data)
        self._pass_end()

    def _forward(self, data: bytes) -> None:
        if self.peer is None or self.peer.transport is None or self.peer.transport.is_closing():
            return
        if self.from_server:
            self.link.down += len(data)
        else:
            self.link.up += len(data)
        self.peer.transport.write(data)

    def _pass_end(self) -> None:
        peer = self.peer
        if not self._ended or self._held or self._delayed or peer is None or peer.transport is None:
            return
        with contextlib.suppress(OSError, RuntimeError):
            peer.transport.write_eof()
        if peer._ended and self.transport is not None:  # noqa: SLF001 - the other half of ourselves
            self.transport.close()
            peer.transport.close()


class Proxy:
    """All links of a stack."""

    def __init__(self) -> None:
        self._links: dict[str, Link] = {}
        self._connecting: set[asyncio.Task[None]] = set()

    async def add(self, name: str, target: str) -> Answer:
        """A new link; answers its port."""
        link = self._links[name] = Link(name, target)
        server = await asyncio.get_running_loop().create_server(lambda: self._accept(link), "127.0.0.1", 0)
        return {"port": server.sockets[0].getsockname()[1]}

    async def aim(self, name: str, target: str) -> Answer:
        """New connections go there."""
        self._links[name].target = target
        return {}

    async def hurt(
        self,
        name: str,
        *,
        refuse: bool = False,
        reset: bool = False,
        stall: bool = False,
        latency: float = 0.0,
        drop: str | None = None,
    ) -> Answer:
        """Hurt a link until healed. `reset` happens once, to the connections there are."""
        link = self._links[name]
        link.hurt = Hurt(refuse, stall, latency, re.compile(drop.encode(), re.DOTALL) if drop else None)
        if reset or refuse:
            for pipe in list(link.pipes):
                pipe.reset()
        return {}

    async def heal(self, name: str) -> Answer:
        """Take every hurt from a link; what a stall held back goes on."""
        link = self._links[name]
        link.hurt = Hurt()
        for pipe in list(link.pipes):
            pipe.flow()
        return {}

    async def stats(self, name: str) -> Answer:
        """Connections open and accepted, replies dropped, bytes to (up) and from (down) the server."""
        return self._links[name].stats()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one owner's requests, in order."""
        verbs: dict[str, Callable[..., Awaitable[Answer]]] = {
            "add": self.add,
            "aim": self.aim,
            "hurt": self.hurt,
            "heal": self.heal,
            "stats": self.stats,
        }
        async for line in reader:
            request = json.loads(line)
            try:
                answer = await verbs[request.pop("do")](**request)
            except (OSError, KeyError, re.error) as error:
                answer = {"error": f"{type(error).__name__}: {error}"}
            writer.write(json.dumps(answer).encode() + b"\n")
        writer.close()

    def _accept(self, link: Link) -> Pipe:
        link.accepted += 1
        return Pipe(link, from_server=False, opened=self._opened)

    def _opened(self, client: Pipe) -> None:
        task = asyncio.get_running_loop().create_task(self._connect(client.link, client))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def _connect(self, link: Link, client: Pipe) -> None:
        if link.hurt.refuse:
            client.reset()
            return
        server = Pipe(link, from_server=True)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await link.connect(lambda: server)
        except OSError:  # also a time-out: the server is away, which a client sees as a reset
            client.reset()
            return
        if client.transport is None or client.transport.is_closing():
            server.reset()
            return
        client.join(server)


async def main(control: str) -> None:
    """Serve until ended from outside."""
    server = await asyncio.start_unix_server(Proxy().serve, control)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
