"""The behaviour of a plain HTTP service in Python, in addition to that of every provider."""

from collections.abc import Mapping
from typing import Any, Self

from harness.providers import behaviour
from harness.providers.http.steps import Reply
from harness.providers.latency import Delay

EMPTY: dict[str, Any] = {}


class Behaviour(behaviour.Behaviour):
    """A rule being written. See behaviour.Behaviour."""

    def reply(
        self,
        body: Any = EMPTY,
        *,
        status: int = 200,
        text: str | None = None,
        headers: Mapping[str, str] | None = None,
        times: int | None = None,
        latency: float | Delay = 0.0,
    ) -> Self:
        """Answer with this.

        Args:
            body: as JSON.
            status: of HTTP.
            text: instead of the body, as it is.
            headers: of the answer.
            times: calls.
            latency: seconds until it comes.
        """
        given = dict(headers or {})
        return self._then(
            Reply(status=status, body=body, text=text, headers=given, times=times, latency=latency)
        )
