"""A network that stands still."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from harness.system.faults.link_fault import LinkFault


@dataclass
class Stalled(LinkFault):
    """Nothing arrives, nothing leaves, and no error is raised; data that is sent meanwhile arrives after healing.

    Args:
        link: its name.
    """

    on_servers: ClassVar[int | None] = 4
    counts: ClassVar[tuple[str, ...]] = ("held", "accepted")

    @property
    def hurts(self) -> Mapping[str, Any]:
        """See LinkFault."""
        return {"stall": True}
