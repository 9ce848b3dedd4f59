"""The interface of faults: a fault is injected into a stack, healed, and proved to have had an effect."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar, Self

from harness.stack.stack import Stack


class Fault(ABC):
    """One thing that goes wrong. An object of it is used once.

    Each kind says itself how a nemesis uses it: `against_...` returns a maker for each way that is worth trying.
    """

    # Its position among the faults of servers, so that a seed keeps its meaning.
    on_servers: ClassVar[int | None] = None
    cuts: ClassVar[bool] = False  # whether it interrupts running work
    needs_work: ClassVar[bool] = False  # whether it has an effect only where new work comes

    @classmethod
    def against_role(cls, name: str, *, pooled: bool) -> Sequence[Callable[[], Self]]:
        """Makers of faults on the node of a role.

        Args:
            name: of the node.
            pooled: whether it has processes of its own to lose.
        """
        del name, pooled
        return ()

    @classmethod
    def against_server(cls, name: str) -> Sequence[Callable[[], Self]]:
        """Makers of faults on a server, or on the links of all its clients.

        Args:
            name: of the node.
        """
        del name
        return ()

    @classmethod
    def against_link(cls, link: str, wanted: str) -> Sequence[Callable[[], Self]]:
        """Makers of faults on a link of one member.

        Args:
            link: its name.
            wanted: a regular expression for the important data on it.
        """
        del link, wanted
        return ()

    @property
    def name(self) -> str:
        """The name of the kind, with its main settings, for journal and table."""
        return type(self).__name__

    @property
    @abstractmethod
    def target(self) -> str:
        """The member or the link that is hurt."""

    @abstractmethod
    def inject(self, stack: Stack) -> None:
        """Inject the fault."""

    @abstractmethod
    def heal(self, stack: Stack) -> None:
        """Undo it; a fault of only a moment is over already."""

    @abstractmethod
    def trace(self, stack: Stack) -> str:
        """The proof that it had an effect; '' where there is none yet.

        It is asked for before the fault is healed.
        """
