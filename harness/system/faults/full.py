"""A Redis has no memory left."""

from dataclasses import dataclass
from typing import ClassVar

from harness.stack.stack import Stack
from harness.system.faults.redis_fault import RedisFault


@dataclass
class Full(RedisFault):
    """`maxmemory` is set below the used memory: every command that needs more is refused with OOM."""

    on_servers: ClassVar[int | None] = 10
    needs_work: ClassVar[bool] = True
    error: ClassVar[str] = "OOM"

    _limit: str = "0"

    def begin(self, stack: Stack) -> None:
        """See RedisFault."""
        self._limit = stack.redis.config_get("maxmemory")["maxmemory"] or self._limit
        stack.redis.config_set("maxmemory", 1)

    def heal(self, stack: Stack) -> None:
        """See Fault."""
        stack.redis.config_set("maxmemory", self._limit)
