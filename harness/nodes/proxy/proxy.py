"""All links of a stack behind one socket.

Requests and answers are JSON lines; a request has `do`: add, aim, reset, hurt, heal, stats, links.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any

from harness.nodes.proxy import LOOPBACK
from harness.nodes.proxy.hurt import Drop, Hurt
from harness.nodes.proxy.link import Link
from harness.nodes.proxy.pipe import Pipe

Answer = dict[str, Any]
CONNECT_SECONDS = 5.0


class Proxy:
    """All links of a stack.

    Args:
        host: the address to listen on.
        published: the ports that are reached from outside; if empty, all are.
    """

    def __init__(self, host: str = LOOPBACK, published: Iterable[int] = ()) -> None:
        self._host = host
        self._published = list(published)
        self._links: dict[str, Link] = {}
        self._connecting: set[asyncio.Task[None]] = set()

    async def add(self, name: str, target: str = "", *, published: bool = False) -> Answer:
        """Add a link; return its port. By default a client's link has the target of its server's."""
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
        """Port and target of each link."""
        return {name: {"port": link.port, "target": link.target} for name, link in self._links.items()}

    async def aim(self, name: str, target: str) -> Answer:
        """Set the target of new connections of all clients, and of those that have waited for it."""
        for link in self._of(name, owner=True):
            link.aim(target)
        return {}

    async def reset(self, name: str) -> Answer:
        """Reset the open connections."""
        for link in self._of(name):
            link.counts["cut"] += len(link.pipes) // 2
            for pipe in list(link.pipes):
                pipe.reset()
        return {}

    async def hurt(self, name: str, *, drop: str | None = None, **hurts: Any) -> Answer:
        """Add a fault to a link, until it is healed."""
        if drop is not None:
            hurts["drop"] = Drop(re.compile(drop.encode(), re.DOTALL))
        for link in self._of(name):
            link.hurt = replace(link.hurt, **hurts)
            self._flow(link)
        return await self.reset(name) if hurts.get("refuse") else {}

    async def heal(self, name: str, kinds: list[str]) -> Answer:
        """Heal these faults of a link; data that a stall held back goes on."""
        unhurt = Hurt()
        for link in self._of(name):
            link.hurt = replace(link.hurt, **{kind: getattr(unhurt, kind) for kind in kinds})
            self._flow(link)
        return {}

    async def stats(self, name: str) -> Answer:
        """See Link.stats; for a server, the sums over the links of all its clients."""
        each = [link.stats() for link in self._of(name)]
        return {key: sum(stats[key] for stats in each) for key in each[0]}

    def _of(self, name: str, *, owner: bool = False) -> list[Link]:
        """The link of this name; for a server with clients, the links of these.

        The owner's own link to such a server has the server's name. It gets no fault, so that the owner still sees the server.
        """
        clients = [link for link in self._links.values() if link.name.endswith(f"/{name}")]
        own = [self._links[name]] if name in self._links and (owner or not clients) else []
        if not own + clients:
            raise KeyError(name)
        return own + clients

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
        link.counts["accepted"] += 1
        return Pipe(link, from_server=False, opened=self._opened)

    def _opened(self, client: Pipe) -> None:
        task = asyncio.get_running_loop().create_task(self._connect(client.link, client))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def _connect(self, link: Link, client: Pipe) -> None:
        if link.hurt.refuse:
            link.counts["refused"] += 1
            client.reset()
            return
        server = Pipe(link, from_server=True)
        await link.aimed.wait()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await link.connect(lambda: server)
        except OSError:  # also a time-out: the server is away, and its client gets a reset
            client.reset()
            return
        if client.transport is None or client.transport.is_closing():
            server.reset()
            return
        client.join(server)
