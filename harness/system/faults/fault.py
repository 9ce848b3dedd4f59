"""What every fault is: something done to a stack, undone again, and proved to have been felt."""

from abc import ABC, abstractmethod

from harness.stack.stack import Stack


class Fault(ABC):
    """One thing that goes wrong. An object of it is used once."""

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
