"""A member stops running for a while, and continues later."""

import time
from dataclasses import dataclass
from typing import ClassVar

from harness.stack.stack import Stack
from harness.system.faults.node_fault import NodeFault


@dataclass
class Frozen(NodeFault):
    """SIGSTOP to all of it, PostgreSQL's backends too; then SIGCONT.

    Args:
        node: its name.
    """

    on_servers: ClassVar[int | None] = 2

    _since: float = 0.0

    def inject(self, stack: Stack) -> None:
        """See Fault."""
        stack.node(self.node).pause()
        self._since = time.monotonic()

    def heal(self, stack: Stack) -> None:
        """See Fault."""
        stack.node(self.node).resume()

    def trace(self, stack: Stack) -> str:
        """See Fault."""
        stood = time.monotonic() - self._since
        return f"all of it stood still for {stood:.1f} s" if stack.node(self.node).frozen else ""
