"""A Redis becomes a replica, as after a failover that its clients do not know of."""

from dataclasses import dataclass
from typing import ClassVar

from harness.stack.stack import Stack
from harness.system.faults.redis_fault import RedisFault

NOBODY = ("127.0.0.1", 1)  # no server listens there, so it keeps its data


@dataclass
class ReadOnly(RedisFault):
    """It follows a server that does not exist: it answers reads from its own data, and refuses writes with READONLY."""

    on_servers: ClassVar[int | None] = 9
    error: ClassVar[str] = "READONLY"

    def begin(self, stack: Stack) -> None:
        """See RedisFault."""
        stack.redis.replicaof(*NOBODY)

    def heal(self, stack: Stack) -> None:
        """See Fault."""
        stack.redis.replicaof("NO", "ONE")
