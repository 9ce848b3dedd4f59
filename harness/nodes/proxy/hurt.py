"""The faults of a link."""

import re
from dataclasses import dataclass

UP, DOWN, BOTH = "up", "down", "both"  # to the server, from it, or both


@dataclass(slots=True)
class Drop:
    """A reply that must be lost, once: the first of the links that share it drops it.

    Args:
        pattern: of the reply.
    """

    pattern: re.Pattern[bytes]
    done: bool = False

    def takes(self, data: bytes) -> bool:
        """Whether this reply must be lost."""
        if self.done or not self.pattern.search(data):
            return False
        self.done = True
        return True


@dataclass(slots=True)
class Hurt:
    """The faults of a link; none by default.

    Args:
        refuse: new connections are reset at once.
        stall: nothing is forwarded in either direction, not even the end of a connection.
        half_open: `up`, `down` or `both`: data in this direction is taken from its sender and never arrives, nor does the end of
            the connection. A connection that has lost a byte stays broken, also after the link is healed.
        latency: seconds that each chunk takes longer, each way.
        bandwidth: bytes a second, each way, for all connections of the link together; 0 for no limit.
        drop: the next chunk from the server that it takes is dropped.
    """

    refuse: bool = False
    stall: bool = False
    half_open: str = ""
    latency: float = 0.0
    bandwidth: float = 0.0
    drop: Drop | None = None

    def loses(self, way: str) -> bool:
        """Whether data in this direction is lost.

        Args:
            way: `up` or `down`.
        """
        return self.half_open in {way, BOTH}
