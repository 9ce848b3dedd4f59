"""A Redis whose memory is used up."""

from dataclasses import dataclass
from typing import ClassVar

from harness.stack.stack import Stack
from harness.system.faults.redis_fault import RedisFault


@dataclass
class Full(RedisFault):
    """`maxmemory` is set below what it uses already: whatever would add to it is refused with OOM."""

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
