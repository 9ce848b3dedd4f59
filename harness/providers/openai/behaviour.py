"""The behaviour of this provider in Python, in addition to that of every provider."""

from typing import Any, Self

from harness.providers import behaviour
from harness.providers.latency import Delay
from harness.providers.openai.steps import Fault, Reply, ToolCall, Usage


class Behaviour(behaviour.Behaviour):
    """A rule being written. See behaviour.Behaviour."""

    def reply(
        self,
        content: Any,
        *,
        times: int | None = None,
        wrong: bool = False,
        latency: float | Delay = 0.0,
        between: float | Delay = 0.0,
        usage: tuple[int, int] | None = None,
    ) -> Self:
        """Answer with this content.

        Args:
            content: must fit the schema of the request, unless it is `wrong` on purpose.
            times: calls.
            wrong: whether it does not fit on purpose.
            latency: seconds until the first token.
            between: seconds between two chunks.
            usage: prompt and completion tokens; by default, four bytes are one.
        """
        cost = Usage(*usage) if usage else None
        return self._then(
            Reply(content=content, times=times, wrong=wrong, latency=latency, between=between, usage=cost)
        )

    def call_tool(self, name: str, arguments: dict[str, Any], *, times: int | None = None) -> Self:
        """Answer with the call of a function."""
        return self._then(Reply(tools=(ToolCall(name, arguments),), times=times))

    def refuse(self, *, times: int | None = None) -> Self:
        """Answer with a refusal of the model."""
        return self._then(Reply(refusal="I cannot help with that.", times=times))

    def filter(self, *, times: int | None = None) -> Self:
        """Answer without content, as after the content filter."""
        return self._then(Reply(content="", wrong=True, finish_reason="content_filter", times=times))

    def truncate(self, *, times: int | None = None) -> Self:
        """Stop at the length limit, in the middle of the content."""
        return self._then(Reply(content='{"title": "Cut o', wrong=True, finish_reason="length", times=times))

    def fail(
        self,
        status: int,
        *,
        times: int | None = None,
        retry_after: float | str | None = None,
        retry_after_ms: float | None = None,
        should_retry: bool | None = None,
        code: str | None = None,
        html: bool = False,
    ) -> Self:
        """Answer with an HTTP error.

        Args:
            status: such as 429 or 500.
            times: calls.
            retry_after: seconds, or a date as HTTP writes it.
            retry_after_ms: milliseconds.
            should_retry: sent as x-should-retry.
            code: of the error body.
            html: sends a gateway's page instead of the error body.
        """
        return self._then(
            Fault(
                status=status,
                times=times,
                retry_after=retry_after,
                retry_after_ms=retry_after_ms,
                should_retry=should_retry,
                code=code,
                html=html,
            )
        )
