"""A member is stopped as in a deploy, and started again at once, as for an update."""

from dataclasses import dataclass
from typing import ClassVar

from harness.stack.stack import Stack
from harness.system.faults.deployed import Deployed


@dataclass
class Restarted(Deployed):
    """It is over as soon as the member has been started again.

    Args:
        node: its name.
    """

    on_servers: ClassVar[int | None] = 3

    _before: int = 0

    def inject(self, stack: Stack) -> None:
        """See Fault."""
        node = stack.node(self.node)
        self._before = node.pid
        super().inject(stack)
        node.start()

    def heal(self, stack: Stack) -> None:
        """See Fault."""

    def trace(self, stack: Stack) -> str:
        """See Fault."""
        now = stack.node(self.node).pid
        return f"{self.how}, pid {self._before} became {now}" if now != self._before else ""
