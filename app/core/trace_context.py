"""Where in a trace this code runs: W3C Trace Context, read and written (https://www.w3.org/TR/trace-context/).

Standard library only: every role keeps a trace going, whether or not anybody collects its spans (app/core/telemetry.py).
"""

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

from app.core.logging import log_context

TRACEPARENT, TRACESTATE = "traceparent", "tracestate"
SAMPLED = 0x01
LONGEST_STATE = 512  # characters; what is longer may be left out (section 3.3.1.5)
MOST_MEMBERS = 32
_VERSION_0 = 55  # characters of its header
# Of a version that is not known the first four fields are read, and what follows them after a dash is not (section 3.2.4).
_HEADER = re.compile(
    r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?"
)
_MEMBER = re.compile(
    r"[a-z0-9][a-z0-9_*/@-]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]"
)


@dataclass(frozen=True, slots=True)
class TraceContext:
    """One span, as whoever goes on from it needs to know it.

    Args:
        trace_id: of all spans that belong together, 32 hexadecimal digits.
        span_id: of this one, 16 hexadecimal digits.
        sampled: whether spans of this trace are recorded.
        state: what tracing systems before us have to say to each other, unread.
    """

    trace_id: str
    span_id: str
    sampled: bool = True
    state: str = ""

    def child(self) -> "TraceContext":
        """Of a new span below this one."""
        return replace(self, span_id=secrets.token_hex(8))

    @property
    def traceparent(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{SAMPLED if self.sampled else 0:02x}"

    def headers(self) -> dict[str, str]:
        """For a request or a message to somebody else."""
        return {TRACEPARENT: self.traceparent} | ({TRACESTATE: self.state} if self.state else {})


def new_trace() -> TraceContext:
    """Of a trace that begins here. Nobody has decided against recording it, so whoever comes after us may."""
    return TraceContext(secrets.token_hex(16), secrets.token_hex(8))


def parse(traceparent: Sequence[str], tracestate: Sequence[str] = ()) -> TraceContext | None:
    """What a caller says; None where he says nothing that can be read, which begins a new trace.

    Args:
        traceparent: the values of each header of this name; more than one is as good as none.
        tracestate: likewise, in their order.
    """
    if len(traceparent) != 1 or not isinstance(traceparent[0], str):
        return None
    found = _HEADER.fullmatch(traceparent[0].strip(" \t"))
    if found is None or (found[1] == "00" and found[5] is not None):
        return None
    return TraceContext(found[2], found[3], bool(int(found[4], 16) & SAMPLED), _state(tracestate))


def of_headers(headers: Mapping[str, object]) -> TraceContext | None:
    """What the headers of a message say; None where they say nothing that can be read."""
    given = [headers.get(name) for name in (TRACEPARENT, TRACESTATE)]
    parent, state = ([value] if isinstance(value, str) else [] for value in given)
    return parse(parent, state)


def _state(given: Sequence[str]) -> str:
    """The members of all headers; none at all where one of them cannot be read (section 3.3.1)."""
    members = [member.strip(" \t") for header in given for member in header.split(",")]
    members = [member for member in members if member]  # an empty one is allowed, and says nothing
    names = {member.partition("=")[0] for member in members}
    if len(members) > MOST_MEMBERS or len(names) < len(members) or not all(map(_MEMBER.fullmatch, members)):
        return ""
    joined = ",".join(members)
    return joined if len(joined) <= LONGEST_STATE else ""


_current: ContextVar[TraceContext | None] = ContextVar("trace_context", default=None)


def current() -> TraceContext | None:
    """Of the span that this code runs in; None outside of all."""
    return _current.get()


@contextmanager
def entered(context: TraceContext) -> Iterator[None]:
    """Whatever is asked or logged inside belongs to this span."""
    token = _current.set(context)
    try:
        with log_context(trace_id=context.trace_id):
            yield
    finally:
        _current.reset(token)
