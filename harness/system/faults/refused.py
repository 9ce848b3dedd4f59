"""A server that accepts no connection."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from harness.system.faults.link_fault import LinkFault


@dataclass
class Refused(LinkFault):
    """All connections, open and new ones, are reset.

    Args:
        link: its name.
    """

    on_servers: ClassVar[int | None] = 5
    cuts: ClassVar[bool] = True
    counts: ClassVar[tuple[str, ...]] = ("refused", "cut")

    @property
    def hurts(self) -> Mapping[str, Any]:
        """See LinkFault."""
        return {"refuse": True}
