"""The steps of this provider for one call, in addition to those of every provider."""

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
    """The cost of a call in tokens, where the fixed rule of four bytes a token does not fit."""

    prompt_tokens: int
    completion_tokens: int


class Reply(Step, tag="reply", frozen=True, kw_only=True):
    """Answer with this.

    Args:
        content: the structured output, or text.
        wrong: whether it does not fit the schema on purpose.
        finish_reason: of the choice; `tool_calls` where there are some, else `stop`.
        refusal: the model's words of refusal, instead of content.
        tools: that it wants called.
        usage: in tokens; by default, four bytes are one.
        body: the whole JSON of the answer, if that is no chat completion; other fields are ignored.
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
        should_retry: sent as x-should-retry, which the SDK obeys first.
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
