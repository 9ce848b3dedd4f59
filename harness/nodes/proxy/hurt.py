"""What a link can suffer."""

import re
from dataclasses import dataclass

UP, DOWN, BOTH = "up", "down", "both"  # to the server, from it, either way


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
        half_open: `up`, `down` or `both`: what is sent this way is taken from its sender and never arrives, nor does the end
            of the connection. A connection that has lost a byte is never whole again, so it stays so when the link is healed.
        latency: seconds that each chunk takes longer, each way.
        bandwidth: bytes a second, each way, for all connections of the link together; 0 for no limit.
        drop: the next chunk from the server that it takes is swallowed.
    """

    refuse: bool = False
    stall: bool = False
    half_open: str = ""
    latency: float = 0.0
    bandwidth: float = 0.0
    drop: Drop | None = None

    def loses(self, way: str) -> bool:
        """Whether what is sent this way is lost.

        Args:
            way: `up` or `down`.
        """
        return self.half_open in {way, BOTH}
