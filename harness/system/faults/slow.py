"""A network that takes its time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from harness.system.faults.link_fault import LinkFault


@dataclass
class Slow(LinkFault):
    """Each chunk takes longer, each way.

    Args:
        link: its name.
        seconds: that it takes longer.
    """

    counts: ClassVar[tuple[str, ...]] = ("late",)

    seconds: float = 0.5

    @property
    def hurts(self) -> Mapping[str, Any]:
        """See LinkFault."""
        return {"latency": self.seconds}
