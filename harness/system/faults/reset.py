"""Connections break, but the network works again at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from harness.stack.stack import Stack
from harness.system.faults.link_fault import LinkFault


@dataclass
class Reset(LinkFault):
    """Every open connection gets an RST; new connections work. It is over at once.

    Args:
        link: its name.
    """

    on_servers: ClassVar[int | None] = 6
    cuts: ClassVar[bool] = True
    counts: ClassVar[tuple[str, ...]] = ("cut",)

    @property
    def hurts(self) -> Mapping[str, Any]:
        """See LinkFault: no lasting effect."""
        return {}

    def inject(self, stack: Stack) -> None:
        """See Fault."""
        super().inject(stack)
        stack.substrate.links.reset(self.link)

    def trace(self, stack: Stack) -> str:
        """See Fault; where no connection was open before, those that are open now are reset."""
        felt = super().trace(stack)
        if not felt:
            stack.substrate.links.reset(self.link)
        return felt
