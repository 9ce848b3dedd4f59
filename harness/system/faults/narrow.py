"""A network with a small bandwidth."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Self

from harness.system.faults.link_fault import LinkFault


@dataclass
class Narrow(LinkFault):
    """The link carries so many bytes a second, each way, for all its connections together.

    Args:
        link: its name.
        bytes_per_second: the bandwidth.
    """

    counts: ClassVar[tuple[str, ...]] = ("late",)

    bytes_per_second: float = 1000.0

    @classmethod
    def against_link(cls, link: str, wanted: str) -> Sequence[Callable[[], Self]]:
        """See Fault."""
        del wanted
        return (partial(cls, link, 4000.0),)

    @property
    def hurts(self) -> Mapping[str, Any]:
        """See LinkFault."""
        return {"bandwidth": self.bytes_per_second}
