"""The stable address of every link, and the place where a link is hurt.

A program of its own, standard library only, so that it runs on a machine and in any container with Python. Each link has a
port of its own and forwards to a server that may move, be restarted or be away; its clients see what they would see in
production. A link is named `server` or, where it belongs to one client of it, `client/server`; what is done to `server` is
done to the links of all its clients.

A link may be there before its server: connections wait until it leads somewhere.

Told what to do over a socket: requests and answers are JSON lines; a request has `do`: add, aim, reset, hurt, heal, stats,
links. Arguments: where to be told (the path of a unix socket, or a port), the address to listen on, and the ports that
are published beyond it, if not every port is reached from everywhere.
"""

import asyncio
import contextlib
import json
import re
import socket
import struct
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, cast

Answer = dict[str, Any]
CONNECT_SECONDS = 5.0
LOOPBACK = "127.0.0.1"
HIGH_WATER_BYTES = 1 << 20
# SO_LINGER with a time of zero makes close() send RST instead of FIN (socket(7))
RESET = struct.pack("ii", 1, 0)


@dataclass(slots=True)
class Drop:
    """A reply to be lost, once: by whichever of the links that share it sees it first.

    Args:
        pattern: of the reply.
    """

    pattern: re.Pattern[bytes]
    done: bool = False

    def takes(self, data: bytes) -> bool:
        """Whether this is the one."""
        if self.done or not self.pattern.search(data):
            return False
        self.done = True
        return True


@dataclass(slots=True)
class Hurt:
    """What a link suffers; nothing by default.

    Args:
        refuse: new connections are reset at once.
        stall: nothing is forwarded in either direction, not even the end of a connection.
        latency: seconds that each chunk takes longer, each way.
        drop: the next chunk from the server that it takes is swallowed.
    """

    refuse: bool = False
    stall: bool = False
    latency: float = 0.0
    drop: Drop | None = None


@dataclass(slots=True)
class Link:
    """One forwarded address.

    Args:
        name: of the link.
        target: `host:port`, or `unix:/path`.
        port: it listens on.
        aimed: once it has a target; until then its connections wait.
    """

    name: str
    target: str = ""
    port: int = 0
    aimed: asyncio.Event = field(default_factory=asyncio.Event)
    hurt: Hurt = field(default_factory=Hurt)
    pipes: set["Pipe"] = field(default_factory=set)
    accepted: int = 0
    dropped: int = 0
    up: int = 0
    down: int = 0

    def aim(self, target: str) -> None:
        self.target = target
        if target:
            self.aimed.set()

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

    It reads only while its peer can take more and the link does not stall. What is not read waits in the kernel, until the
    sender's own buffers are full: as on a network that is cut, it is neither lost nor are we a bottomless store for it.

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
        self._late: deque[bytes] = deque()  # slowed down by latency
        self._last_due = 0.0
        self._due = 0  # how many of the late have been slowed down enough
        self._full = False  # we cannot be written to for now
        self._ended = False
        self._broken = False  # our peer's connection was reset

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(high=HIGH_WATER_BYTES)
        self.transport.pause_reading()  # until there is a peer
        self.link.pipes.add(self)
        self._opened(self)

    def data_received(self, data: bytes) -> None:
        hurt = self.link.hurt
        if self.from_server and hurt.drop and hurt.drop.takes(data):
            self.link.dropped += 1
        elif hurt.latency or self._late:
            loop = asyncio.get_running_loop()
            # never before what came earlier, even where the latency has been taken away since
            self._last_due = max(loop.time() + hurt.latency, self._last_due)
            self._late.append(data)
            loop.call_at(self._last_due, self._one_is_due)
        else:
            self._forward(data)

    def eof_received(self) -> bool:
        self._ended = True
        self._pass_end()
        return True  # the other direction may go on

    def connection_lost(self, exc: Exception | None) -> None:
        self.link.pipes.discard(self)
        if exc is not None and self.peer is not None:
            self.peer.broken()

    def pause_writing(self) -> None:
        self._full = True
        if self.peer is not None:
            self.peer.flow()

    def resume_writing(self) -> None:
        self._full = False
        if self.peer is not None:
            self.peer.flow()

    def join(self, peer: "Pipe") -> None:
        """From now on the two forward to each other."""
        self.peer, peer.peer = peer, self
        for half in (self, peer):
            half.flow()

    def flow(self) -> None:
        """Do whatever the state of link and peer now allows: pass on, read, or wait."""
        if self.transport is None or self.peer is None:
            return
        if self.link.hurt.stall:
            self.transport.pause_reading()
            return
        if self._broken:
            self.reset()
            return
        while self._due:
            self._due -= 1
            self._forward(self._late.popleft())
        self._pass_end()
        if self.peer._full:  # noqa: SLF001 - the other half of ourselves
            self.transport.pause_reading()
        elif not self._ended:
            self.transport.resume_reading()

    def broken(self) -> None:
        """Our peer was reset; pass that on as soon as the link lets it through."""
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

    def _one_is_due(self) -> None:
        self._due += 1
        self.flow()

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
        if not self._ended or self._late or peer is None or peer.transport is None:
            return
        with contextlib.suppress(OSError, RuntimeError):
            peer.transport.write_eof()
        if peer._ended and not peer._late and self.transport is not None:  # noqa: SLF001 - the other half of ourselves
            self.transport.close()
            peer.transport.close()


class Proxy:
    """All links of a stack.

    Args:
        host: the address to listen on.
        published: the ports that are reached from beyond it; all are, where there are none.
    """

    def __init__(self, host: str = LOOPBACK, published: Iterable[int] = ()) -> None:
        self._host = host
        self._published = list(published)
        self._links: dict[str, Link] = {}
        self._connecting: set[asyncio.Task[None]] = set()

    async def add(self, name: str, target: str = "", *, published: bool = False) -> Answer:
        """A new link; answers its port. A client's own leads where its server's does, if nothing else is said."""
        port = self._published.pop(0) if published and self._published else 0
        link = self._links[name] = Link(name)
        server = self._links.get(name.rpartition("/")[2], link)
        link.aim(target or server.target)
        listener = await asyncio.get_running_loop().create_server(
            lambda: self._accept(link), self._host, port
        )
        link.port = listener.sockets[0].getsockname()[1]
        return {"port": link.port}

    async def links(self) -> Answer:
        """Port and target of each link there is."""
        return {name: {"port": link.port, "target": link.target} for name, link in self._links.items()}

    async def aim(self, name: str, target: str) -> Answer:
        """New connections go there, and those that have waited for it."""
        for link in self._of(name):
            link.aim(target)
        return {}

    async def reset(self, name: str) -> Answer:
        """Reset the connections there are."""
        for link in self._of(name):
            for pipe in list(link.pipes):
                pipe.reset()
        return {}

    async def hurt(self, name: str, *, drop: str | None = None, **hurts: Any) -> Answer:
        """Hurt a link, beside what it suffers already, until healed."""
        if drop is not None:
            hurts["drop"] = Drop(re.compile(drop.encode(), re.DOTALL))
        for link in self._of(name):
            link.hurt = replace(link.hurt, **hurts)
            self._flow(link)
        return await self.reset(name) if hurts.get("refuse") else {}

    async def heal(self, name: str, kinds: list[str]) -> Answer:
        """Take these hurts from a link; what a stall held back goes on."""
        unhurt = Hurt()
        for link in self._of(name):
            link.hurt = replace(link.hurt, **{kind: getattr(unhurt, kind) for kind in kinds})
            self._flow(link)
        return {}

    async def stats(self, name: str) -> Answer:
        """Connections open and accepted, replies dropped, bytes to (up) and from (down) the server."""
        each = [link.stats() for link in self._of(name)]
        return {key: sum(stats[key] for stats in each) for key in each[0]}

    def _of(self, name: str) -> list[Link]:
        """The link of this name; of a server, those of all its clients too."""
        found = [link for link in self._links.values() if name in {link.name, link.name.rpartition("/")[2]}]
        if not found:
            raise KeyError(name)
        return found

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one owner's requests, in order."""
        verbs: dict[str, Callable[..., Awaitable[Answer]]] = {
            "add": self.add,
            "aim": self.aim,
            "reset": self.reset,
            "hurt": self.hurt,
            "heal": self.heal,
            "stats": self.stats,
            "links": self.links,
        }
        async for line in reader:
            request = json.loads(line)
            try:
                answer = await verbs[request.pop("do")](**request)
            except (OSError, KeyError, TypeError, re.error) as error:
                answer = {"error": f"{type(error).__name__}: {error}"}
            writer.write(json.dumps(answer).encode() + b"\n")
        writer.close()

    @staticmethod
    def _flow(link: Link) -> None:
        for pipe in list(link.pipes):
            pipe.flow()

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
        await link.aimed.wait()
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


async def main(control: str, host: str = LOOPBACK, *published: str) -> None:
    """Serve until ended from outside."""
    proxy = Proxy(host, map(int, published))
    if control.isdecimal():
        server: asyncio.Server = await asyncio.start_server(proxy.serve, host, int(control))
    else:
        server = await asyncio.start_unix_server(proxy.serve, control)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
