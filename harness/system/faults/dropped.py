"""A reply that does not arrive."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Self

from harness.system.faults.link_fault import LinkFault


@dataclass
class Dropped(LinkFault):
    """One chunk from the server is dropped, once: the first that matches.

    Args:
        link: its name.
        pattern: a regular expression.
    """

    counts: ClassVar[tuple[str, ...]] = ("dropped",)

    pattern: str = "."

    @classmethod
    def against_link(cls, link: str, wanted: str) -> Sequence[Callable[[], Self]]:
        """See Fault."""
        return (partial(cls, link, wanted),)

    @property
    def hurts(self) -> Mapping[str, Any]:
        """See LinkFault."""
        return {"drop": self.pattern}
