"""What proves that a role works."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HttpReady:
    """A role is ready when this path answers with a success.

    Args:
        path: with its query.
    """

    path: str


@dataclass(frozen=True, slots=True)
class LogReady:
    """A role is ready when it has written a line that matches.

    Args:
        pattern: a regular expression.
    """

    pattern: str


@dataclass(frozen=True, slots=True)
class QueuesReady:
    """A role is ready when a canary has come back from each of its queues."""


Ready = HttpReady | LogReady | QueuesReady
