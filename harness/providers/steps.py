"""The steps of any provider for one call, in addition to its kind's replies. They are also the form in TOML and JSON."""

from typing import Annotated, Literal

import msgspec

from harness.providers.latency import Delay

Part = Annotated[float, msgspec.Meta(ge=0, le=1)]
Header = Annotated[str, msgspec.Meta(pattern=r"^[\t\x20-\x7e\xa0-\xff]*\Z")]  # what a header can carry


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
        latency: seconds until the answer begins, in addition to the provider's own.
        between: seconds between two chunks, likewise.
    """

    times: Annotated[int, msgspec.Meta(ge=1)] | None = None
    latency: float | Delay = 0.0
    between: float | Delay = 0.0


class Answer(Step, tag="answer", frozen=True, kw_only=True):
    """Answer as if there were no rule."""


class Fault(Step, tag="fault", frozen=True, kw_only=True):
    """Answer with an error.

    Args:
        status: of HTTP.
        code: of the error body.
        message: of the error body.
        retry_after: seconds, or a date as HTTP writes it.
        headers: any others.
        html: sends a page such as a gateway's instead of the error body.
    """

    status: Annotated[int, msgspec.Meta(ge=400, le=599)] = 500
    code: str | None = None
    message: str = "Scripted fault."
    retry_after: float | Header | None = None
    headers: dict[str, Header] = {}
    html: bool = False

    def all_headers(self) -> dict[str, str]:
        """All headers, with those that say when to ask again."""
        headers = dict(self.headers)
        if self.retry_after is not None:
            after = self.retry_after
            headers["retry-after"] = after if isinstance(after, str) else f"{after:g}"
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
            a stream without its last events).
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
