"""A Redis that has become a replica, as after a failover that its clients know nothing of."""

from dataclasses import dataclass
from typing import ClassVar

from harness.stack.stack import Stack
from harness.system.faults.redis_fault import RedisFault

NOBODY = ("127.0.0.1", 1)  # where no server listens: it keeps what it has


@dataclass
class ReadOnly(RedisFault):
    """It follows a server that is not there: it answers reads from what it has, and refuses writes with READONLY."""

    on_servers: ClassVar[int | None] = 9
    error: ClassVar[str] = "READONLY"

    def begin(self, stack: Stack) -> None:
        """See RedisFault."""
        stack.redis.replicaof(*NOBODY)

    def heal(self, stack: Stack) -> None:
        """See Fault."""
        stack.redis.replicaof("NO", "ONE")
