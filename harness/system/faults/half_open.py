"""A connection whose other end is gone without being closed."""

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal, Self

from harness.system.faults.link_fault import LinkFault


class Way(enum.StrEnum):
    """The direction that is lost."""

    UP = "up"
    DOWN = "down"
    BOTH = "both"


@dataclass
class HalfOpen(LinkFault):
    """Data in this direction is accepted and never arrives. After healing, new connections work; those that lost a byte stay dead.

    Args:
        link: its name.
        way: `up` to the server, `down` from it, or `both`.

    Raises:
        ValueError: `way` is none of these.
    """

    counts: ClassVar[tuple[str, ...]] = ("swallowed",)
    way: Literal["up", "down", "both"] | Way = Way.BOTH

    def __post_init__(self) -> None:
        self.way = Way(self.way)

    @property
    def name(self) -> str:
        """See Fault."""
        return f"HalfOpen, {self.way}"

    @classmethod
    def against_link(cls, link: str, wanted: str) -> Sequence[Callable[[], Self]]:
        """See Fault."""
        del wanted
        return (partial(cls, link, Way.UP), partial(cls, link, Way.DOWN))

    @property
    def hurts(self) -> Mapping[str, Any]:
        """See LinkFault."""
        return {"half_open": str(self.way)}
