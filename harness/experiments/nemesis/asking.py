"""Asks for work during a nemesis: one request at a time, which may be answered, refused for now, or lost."""

from typing import Any, Protocol

import httpx

from harness.experiments.nemesis.schedule import Arrival

LATER = {httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE}


class Asks(Protocol):
    """Asks for work."""

    def ask(self, arrival: Arrival) -> bool:
        """Ask once, from a thread of its own.

        Args:
            arrival: the client that asks; it asks again until it is accepted.

        Returns:
            Whether it was accepted.

        Raises:
            AssertionError: no fault excuses the answer.
        """

    def close(self) -> None:
        """Close it after the last request."""


class _Declared:
    """Asks as the application declares its first kind of work.

    Args:
        client: of the application.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def ask(self, arrival: Arrival) -> bool:
        """See Asks."""
        del arrival  # the declaration's nonce tells them apart
        try:
            answer = self._client.post_work()
        except httpx.TransportError:
            return False
        return judged(answer, self._client.accepted_status)

    def close(self) -> None:
        """See Asks."""
        self._client.close()


def asking(running: Any) -> Asks:
    """Who asks as the work is declared.

    Args:
        running: what is asked; see harness.stack.running.
    """
    return _Declared(running.client())


def judged(answer: httpx.Response, accepted: int | None = httpx.codes.ACCEPTED) -> bool:
    """Whether an answer is an acceptance.

    Args:
        answer: to a request for work.
        accepted: its status where it is; None where any success is one.

    Raises:
        AssertionError: it is neither an acceptance nor "later".
    """
    if answer.is_success if accepted is None else answer.status_code == accepted:
        return True
    asked = f"{answer.request.method} {answer.request.url.path}"
    assert answer.status_code in LATER, f"{asked} answered {answer.status_code}: {answer.text}"
    return False
