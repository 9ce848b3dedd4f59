"""A Redis that has forgotten everything."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from redis import Redis

from harness.stack.stack import Stack
from harness.system.faults.fault import Fault
from harness.system.faults.redis_fault import REDIS

REDIS_SECONDS = 10.0


@dataclass
class Flushed(Fault):
    """FLUSHALL, as far as the stack is concerned: of a server that several share only its own databases. Over at once."""

    on_servers: ClassVar[int | None] = 8

    _keys: int = 0

    @classmethod
    def against_server(cls, name: str) -> Sequence[Callable[[], Self]]:
        """See Fault."""
        return (cls,) if name == REDIS else ()

    @property
    def target(self) -> str:
        """See Fault."""
        return REDIS

    def inject(self, stack: Stack) -> None:
        """See Fault."""
        for url in stack.redis_urls:
            with Redis.from_url(url, socket_timeout=REDIS_SECONDS) as redis, redis.pipeline() as pipeline:
                pipeline.dbsize()
                pipeline.flushdb()
                self._keys += pipeline.execute()[0]

    def heal(self, stack: Stack) -> None:
        """See Fault."""

    def trace(self, stack: Stack) -> str:
        """See Fault."""
        del stack
        return f"{self._keys} keys forgotten" if self._keys else ""
