"""Who wants to hear of each step of something long."""

from collections.abc import Callable

Progress = Callable[[str], None]


def silence(_step: str) -> None:
    """Nobody does."""
