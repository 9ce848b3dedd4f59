"""A Redis loses all its data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

from redis import Redis

from harness.stack.stack import Stack
from harness.system.faults.fault import Fault
from harness.system.faults.redis_fault import REDIS

REDIS_SECONDS = 10.0
# The list of queues: kombu writes it again by itself, and an idle broker has nothing else.
BINDINGS = "_kombu.binding"
REMOTE_CONTROL = ".pidbox"  # keys of remote control, which hold no work
SHOWN = 5


@dataclass
class Flushed(Fault):
    """FLUSHALL for the stack: on a shared server, only the stack's own databases are flushed. Over at once.

    It has bitten when a key is gone that nobody writes again by itself, such as a message.
    """

    on_servers: ClassVar[int | None] = 8
    needs_work: ClassVar[bool] = True

    _forgotten: list[str] = field(default_factory=list)

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
            # A key may hold any bytes.
            with Redis.from_url(
                url, socket_timeout=REDIS_SECONDS, decode_responses=True, encoding_errors="replace"
            ) as redis:
                with redis.pipeline() as pipeline:
                    pipeline.keys()
                    pipeline.flushdb()
                    found = pipeline.execute()[0]
                self._forgotten += sorted(
                    key for key in found if not (key.startswith(BINDINGS) or key.endswith(REMOTE_CONTROL))
                )

    def heal(self, stack: Stack) -> None:
        """See Fault."""

    def trace(self, stack: Stack) -> str:
        """See Fault. A Redis without data to lose is flushed again: a fault is held until it bites."""
        if not self._forgotten:
            self.inject(stack)
        more = ", ..." if len(self._forgotten) > SHOWN else ""
        named = ", ".join(self._forgotten[:SHOWN]) + more
        return f"{len(self._forgotten)} keys forgotten: {named}" if self._forgotten else ""
