"""A member, or a part of it, is killed."""

import enum
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Self

from harness.stack.stack import Stack
from harness.system.faults.node_fault import NodeFault


class KillMethod(enum.Enum):
    """The part that is killed; scenarios have it as a parameter."""

    MAIN = "main process"
    GROUP = "whole group"
    CHILD = "pool child"


@dataclass
class Killed(NodeFault):
    """SIGKILL; healed by starting the member again. A pool child is replaced by its own parent.

    Args:
        node: its name.
        method: what of it is killed.
    """

    on_servers: ClassVar[int | None] = 1
    cuts: ClassVar[bool] = True

    method: KillMethod = KillMethod.GROUP
    _child: int | None = None

    @classmethod
    def against_role(cls, name: str, *, pooled: bool) -> Sequence[Callable[[], Self]]:
        """See Fault."""
        return [
            partial(cls, name, method) for method in KillMethod if pooled or method is not KillMethod.CHILD
        ]

    @property
    def name(self) -> str:
        """See Fault."""
        return f"Killed, {self.method.value}"

    def inject(self, stack: Stack) -> None:
        """See Fault."""
        node = stack.node(self.node)
        if self.method is KillMethod.CHILD:
            self._child = node.kill_child()
        elif self.method is KillMethod.MAIN:
            node.kill_main()
        else:
            node.kill()

    def heal(self, stack: Stack) -> None:
        """See Fault."""
        if self.method is not KillMethod.CHILD:
            stack.node(self.node).start()

    def trace(self, stack: Stack) -> str:
        """See Fault."""
        if self.method is KillMethod.CHILD:
            return f"pool child {self._child} was killed" if self._child else ""
        return "ended by SIGKILL" if stack.node(self.node).returncode == -signal.SIGKILL else ""
