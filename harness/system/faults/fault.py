"""What every fault is: something done to a stack, undone again, and proved to have been felt."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar, Self

from harness.stack.stack import Stack


class Fault(ABC):
    """One thing that goes wrong. An object of it is used once.

    What a nemesis makes of the kind, the kind says itself: `against_...` answers a maker for each way in which it is worth trying.
    """

    # Its position among the faults of servers, so that a seed keeps its meaning.
    on_servers: ClassVar[int | None] = None
    cuts: ClassVar[bool] = False  # whether it cuts off work in its middle
    needs_work: ClassVar[bool] = False  # whether it bites only where new work comes

    @classmethod
    def against_role(cls, name: str, *, pooled: bool) -> Sequence[Callable[[], Self]]:
        """On the node of a role.

        Args:
            name: of the node.
            pooled: whether it has processes of its own to lose.
        """
        del name, pooled
        return ()

    @classmethod
    def against_server(cls, name: str) -> Sequence[Callable[[], Self]]:
        """On a server, or on the links of all its clients.

        Args:
            name: of the node.
        """
        del name
        return ()

    @classmethod
    def against_link(cls, link: str, wanted: str) -> Sequence[Callable[[], Self]]:
        """On a link of one member.

        Args:
            link: its name.
            wanted: a regular expression of what comes over it that matters.
        """
        del link, wanted
        return ()

    @property
    def name(self) -> str:
        """Of the kind, with what matters of it, for journal and table."""
        return type(self).__name__

    @property
    @abstractmethod
    def target(self) -> str:
        """The member or the link that is hurt."""

    @abstractmethod
    def inject(self, stack: Stack) -> None:
        """Do it."""

    @abstractmethod
    def heal(self, stack: Stack) -> None:
        """Undo it. What was only a moment is over already."""

    @abstractmethod
    def trace(self, stack: Stack) -> str:
        """What proves that it bit, as far as it has; '' where nothing does.

        Asked before it is healed.
        """
