"""A member is stopped as in a deploy: asked to end, and killed when its time is up."""

import time
from dataclasses import dataclass

from harness.nodes.node import STOP_SECONDS
from harness.stack.stack import Stack
from harness.system.faults.node_fault import NodeFault


@dataclass
class Deployed(NodeFault):
    """SIGTERM, then SIGKILL when the role's time to drain is up, as the application declares it; healed by starting it again.

    Args:
        node: its name.
    """

    seconds: float = 0.0  # seconds that it took to end
    code: int | None = None  # exit code; None where it had to be killed
    drain: float = STOP_SECONDS  # seconds between the two signals

    def inject(self, stack: Stack) -> None:
        """See Fault; returns when it has ended."""
        node = stack.node(self.node)
        if role := stack.app.roles.get(self.node):
            self.drain = role.drain_seconds
        began = time.monotonic()
        try:
            self.code = node.stop(self.drain)
        except TimeoutError:
            node.kill()
        self.seconds = time.monotonic() - began

    def heal(self, stack: Stack) -> None:
        """See Fault."""
        stack.node(self.node).start()

    def trace(self, stack: Stack) -> str:
        """See Fault."""
        return "" if stack.node(self.node).alive else self.how

    @property
    def how(self) -> str:
        """How it ended, once it has."""
        ended = "killed" if self.code is None else f"ended with exit code {self.code}"
        return f"{ended} after {self.seconds:.1f} s of {self.drain:g}"
