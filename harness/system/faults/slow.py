"""A network with a long delay."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Self

from harness.system.faults.link_fault import LinkFault


@dataclass
class Slow(LinkFault):
    """Each chunk takes longer, in each direction.

    Args:
        link: its name.
        seconds: additional delay.
    """

    on_servers: ClassVar[int | None] = 7
    counts: ClassVar[tuple[str, ...]] = ("late",)

    seconds: float = 0.5

    @classmethod
    def against_link(cls, link: str, wanted: str) -> Sequence[Callable[[], Self]]:
        """See Fault."""
        del wanted
        return (partial(cls, link, 0.2),)

    @classmethod
    def against_server(cls, name: str) -> Sequence[Callable[[], Self]]:
        """See Fault."""
        return (partial(cls, name, 0.1),)

    @property
    def hurts(self) -> Mapping[str, Any]:
        """See LinkFault."""
        return {"latency": self.seconds}
