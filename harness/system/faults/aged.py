"""Messages that have been with their workers for longer than the broker's visibility time-out: they are delivered again."""

from dataclasses import dataclass

from harness.stack.stack import Stack
from harness.system.faults.fault import Fault
from harness.system.faults.redis_fault import REDIS

AGE_SECONDS = 30 * 24 * 3600.0  # longer than any usual time-out; the default is an hour
INDEX = "unacked_index"  # kombu.transport.redis.Channel.unacked_index_key: a tag -> when it was delivered
LOCK = "unacked_mutex"  # kombu's lock: its holder looks for messages to deliver again


@dataclass
class Aged(Fault):
    """Makes each message that is taken and not acknowledged a month old. Over at once.

    A worker delivers such messages again when it starts, and then every hundred seconds or so: start one.
    """

    _aged: int = 0

    @property
    def target(self) -> str:
        """See Fault."""
        return REDIS

    def inject(self, stack: Stack) -> None:
        """See Fault."""
        tags = [tag for tag, _score in stack.redis.zscan_iter(INDEX)]
        for tag in tags:
            stack.redis.zincrby(INDEX, -AGE_SECONDS, tag)
        stack.redis.delete(LOCK)
        self._aged = len(tags)

    def heal(self, stack: Stack) -> None:
        """See Fault."""

    def trace(self, stack: Stack) -> str:
        """See Fault."""
        del stack
        return f"{self._aged} messages are older than the visibility time-out" if self._aged else ""
