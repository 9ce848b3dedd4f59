"""What this provider can be told to do with one call, beside what every one can."""

from typing import Any, Literal

import msgspec

from harness.providers import steps
from harness.providers.steps import Answer, Cut, Garble, Hang, Stall, Step


class ToolCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tool that the model wants called.

    Args:
        name: of the function.
        arguments: of it, an object.
    """

    name: str
    arguments: dict[str, Any] = {}


class Usage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a call costs, in tokens, where the fixed rule of four bytes a token will not do."""

    prompt_tokens: int
    completion_tokens: int


class Reply(Step, tag="reply", frozen=True, kw_only=True):
    """Answer with this.

    Args:
        content: the structured output, or text.
        wrong: that it does not fit the schema is meant.
        finish_reason: of the choice; `tool_calls` where there are some, else `stop`.
        refusal: the model's words of refusal, instead of content.
        tools: that it wants called.
        usage: in tokens; by default, four bytes are one.
        body: the whole of the answer's JSON, for what is not a chat completion; the other fields are not looked at.
    """

    content: Any = None
    wrong: bool = False
    finish_reason: Literal["stop", "length", "content_filter", "tool_calls"] | None = None
    refusal: str | None = None
    tools: tuple[ToolCall, ...] = ()
    usage: Usage | None = None
    body: dict[str, Any] | None = None


class Fault(steps.Fault, tag="fault", frozen=True, kw_only=True):
    """Answer with an error.

    Args:
        retry_after_ms: milliseconds.
        should_retry: sent as x-should-retry, which the SDK obeys before all else.
    """

    retry_after_ms: float | None = None
    should_retry: bool | None = None

    def all_headers(self) -> dict[str, str]:
        """See steps.Fault."""
        headers = super().all_headers()
        if self.retry_after_ms is not None:
            headers["retry-after-ms"] = f"{self.retry_after_ms:g}"
        should_retry = False if self.code == "insufficient_quota" else self.should_retry
        if should_retry is not None:
            headers["x-should-retry"] = str(should_retry).lower()
        return headers


AnyStep = Reply | Answer | Fault | Hang | Stall | Cut | Garble
