"""One forwarded address: its target, its faults, its counters."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from harness.nodes.proxy.hurt import DOWN, UP, Hurt

COUNTED = ("accepted", "refused", "cut", "dropped", "late", "swallowed", UP, DOWN)


class Half(Protocol):
    """The part of one half of a connection that its link needs (harness.nodes.proxy.pipe)."""

    @property
    def held(self) -> int:
        """Bytes that it has not read from the kernel yet."""

    def flow(self) -> None:
        """React to changed faults of the link."""

    def reset(self) -> None:
        """Reset it."""


@dataclass(slots=True)
class Link:
    """One forwarded address.

    Args:
        name: of the link.
        target: `host:port`, or `unix:/path`.
        port: it listens on.
        aimed: set once it has a target; until then its connections wait.
    """

    name: str
    target: str = ""
    port: int = 0
    aimed: asyncio.Event = field(default_factory=asyncio.Event)
    hurt: Hurt = field(default_factory=Hurt)
    pipes: set[Half] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    free_at: dict[str, float] = field(default_factory=lambda: {UP: 0.0, DOWN: 0.0})

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

    def due(self, way: str, size: int, now: float) -> float:
        """When a chunk that arrives now may be passed on: after earlier chunks have used their share of the bandwidth.

        Args:
            way: `up` or `down`.
            size: of the chunk in bytes.
            now: of the loop's clock.
        """
        if self.hurt.bandwidth:
            self.free_at[way] = max(self.free_at[way], now) + size / self.hurt.bandwidth
            return self.free_at[way] + self.hurt.latency
        return now + self.hurt.latency

    def stats(self) -> dict[str, int]:
        """Open connections, bytes held back in them, and the counters since the link was made."""
        counted = {name: self.counts[name] for name in COUNTED}
        held = sum(pipe.held for pipe in self.pipes) if self.hurt.stall else 0
        return {"open": len(self.pipes) // 2, "held": held, **counted}
