"""What the provider can be told to do with one call. Also the form of it in TOML and on the wire."""

from typing import Annotated, Any, Literal

import msgspec

from harness.providers.openai.latency import Delay

Part = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Step(
    msgspec.Struct,
    tag_field="kind",
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
):
    """One kind of behaviour.

    Args:
        times: calls of one key that get it; None for all that follow.
        latency: seconds until the first token, beyond the provider's own.
        between: seconds between two chunks, likewise.
    """

    times: Annotated[int, msgspec.Meta(ge=1)] | None = None
    latency: float | Delay = 0.0
    between: float | Delay = 0.0


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


class Answer(Step, tag="answer", frozen=True, kw_only=True):
    """Answer as if there were no rule."""


class Fault(Step, tag="fault", frozen=True, kw_only=True):
    """Answer with an error.

    Args:
        status: of HTTP.
        code: of the error body.
        message: of the error body.
        retry_after: seconds, or a date as HTTP writes it.
        retry_after_ms: milliseconds.
        should_retry: sent as x-should-retry, which the SDK obeys before all else.
        headers: any others.
        html: a page such as a gateway's instead of the error body.
    """

    status: Annotated[int, msgspec.Meta(ge=400, le=599)] = 500
    code: str | None = None
    message: str = "Scripted fault."
    retry_after: float | str | None = None
    retry_after_ms: float | None = None
    should_retry: bool | None = None
    headers: dict[str, str] = {}
    html: bool = False

    def all_headers(self) -> dict[str, str]:
        """Those that say when to ask again, and the others."""
        headers = dict(self.headers)
        if self.retry_after is not None:
            after = self.retry_after
            headers["retry-after"] = after if isinstance(after, str) else f"{after:g}"
        if self.retry_after_ms is not None:
            headers["retry-after-ms"] = f"{self.retry_after_ms:g}"
        should_retry = False if self.code == "insufficient_quota" else self.should_retry
        if should_retry is not None:
            headers["x-should-retry"] = str(should_retry).lower()
        return headers


class Hang(Step, tag="hang", frozen=True, kw_only=True):
    """Send nothing: for this many seconds, or until the client goes."""

    seconds: float | None = None


class Stall(Step, tag="stall", frozen=True, kw_only=True):
    """Send a part of the answer, then nothing.

    Args:
        seconds: until the rest comes; None for never.
        at: the part of the answer that is sent before.
        trickle: seconds between two spaces sent meanwhile, which keep a read from timing out; 0 for silence.
    """

    seconds: float | None = None
    at: Part = 0.5
    trickle: float = 0.0


class Cut(Step, tag="cut", frozen=True, kw_only=True):
    """Break off.

    Args:
        how: `reset` the connection (RST), `close` it (FIN); announce a longer body than comes (`short`); send
            everything but the last chunk of the chunked encoding (`unfinished`); end in good order, but early (`early`:
            a stream without a finish and without `[DONE]`).
        at: the part of the answer that is sent before; 0 for not even a status line, where that is possible.
    """

    how: Literal["reset", "close", "short", "unfinished", "early"] = "short"
    at: Part = 0.5


class Garble(Step, tag="garble", frozen=True, kw_only=True):
    """Answer 200 with something else.

    Args:
        how: `json` that is none, an `empty` object, a page of `html`, a stream that is no `sse`, or a stream with an error
            `event` in its middle; the last two also where no stream was asked for.
    """

    how: Literal["json", "empty", "html", "sse", "event"] = "json"


AnyStep = Reply | Answer | Fault | Hang | Stall | Cut | Garble
