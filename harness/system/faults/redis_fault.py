"""The base of all faults inside Redis: they change settings of a server that only this stack uses."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from harness.stack.stack import Stack
from harness.system.faults.fault import Fault

REDIS = "redis"


@dataclass
class RedisFault(Fault):
    """A Redis that answers commands with an error."""

    error: ClassVar[str]  # the code of that error

    _before: int = 0

    @classmethod
    def against_server(cls, name: str) -> Sequence[Callable[[], Self]]:
        """See Fault."""
        return (cls,) if name == REDIS else ()

    @property
    def target(self) -> str:
        """See Fault."""
        return REDIS

    @abstractmethod
    def begin(self, stack: Stack) -> None:
        """Make it refuse commands from now on."""

    def inject(self, stack: Stack) -> None:
        """See Fault.

        Raises:
            SharedNodeError: other stacks use the server too.
        """
        stack.node(REDIS).must_be_own()
        self._before = self._refused(stack)
        self.begin(stack)

    def trace(self, stack: Stack) -> str:
        """See Fault."""
        refused = self._refused(stack) - self._before
        return f"{refused} commands refused with {self.error}" if refused > 0 else ""

    def _refused(self, stack: Stack) -> int:
        """How often it has refused, by its own count."""
        counted = stack.redis.info("errorstats").get(f"errorstat_{self.error}", {})
        return int(counted.get("count", 0))
