"""A member is cut off from the network, as if its cable were pulled."""

from contextlib import ExitStack
from dataclasses import dataclass, field

from harness.stack.stack import Stack
from harness.system.faults.node_fault import NodeFault


@dataclass
class Disconnected(NodeFault):
    """All its links stall: nothing arrives, nothing leaves, and no error is raised.

    Args:
        node: its name.
    """

    _before: int = 0
    _cut: ExitStack = field(default_factory=ExitStack)

    def inject(self, stack: Stack) -> None:
        """See Fault."""
        self._before = self._felt(stack)
        self._cut.enter_context(stack.node(self.node).disconnected())

    def heal(self, stack: Stack) -> None:
        """See Fault."""
        del stack
        self._cut.close()

    def trace(self, stack: Stack) -> str:
        """See Fault."""
        felt = self._felt(stack) - self._before
        return f"{felt} bytes held back and connections that led nowhere" if felt > 0 else ""

    def _felt(self, stack: Stack) -> int:
        links = stack.substrate.links
        each = [links.stats(name) for name in links.of(self.node)]
        return sum(stats["held"] + stats["accepted"] for stats in each)
