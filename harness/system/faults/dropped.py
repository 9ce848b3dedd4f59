"""A reply that does not arrive."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from harness.system.faults.link_fault import LinkFault


@dataclass
class Dropped(LinkFault):
    """One chunk from the server is swallowed, once: the first that matches.

    Args:
        link: its name.
        pattern: a regular expression.
    """

    counts: ClassVar[tuple[str, ...]] = ("dropped",)

    pattern: str = "."

    @property
    def hurts(self) -> Mapping[str, Any]:
        """See LinkFault."""
        return {"drop": self.pattern}
