"""Reads and writes W3C Trace Context, the place in a trace where code runs (https://www.w3.org/TR/trace-context/).

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
LONGEST_STATE = 512  # characters; a longer state may be left out (section 3.3.1.5)
MOST_MEMBERS = 32
_VERSION_0 = 55  # characters of its header
# Of an unknown version only the first four fields are read, without what follows a further dash (section 3.2.4).
_HEADER = re.compile(
    r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?"
)
_MEMBER = re.compile(
    r"[a-z0-9][a-z0-9_*/@-]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]"
)


@dataclass(frozen=True, slots=True)
class TraceContext:
    """The parts of a span that its child spans need.

    Args:
        trace_id: of all spans that belong together, 32 hexadecimal digits.
        span_id: of this one, 16 hexadecimal digits.
        sampled: whether spans of this trace are recorded.
        state: data of other tracing systems, passed on unread.
    """

    trace_id: str
    span_id: str
    sampled: bool = True
    state: str = ""

    def child(self) -> "TraceContext":
        """The context of a new span below this one."""
        return replace(self, span_id=secrets.token_hex(8))

    @property
    def traceparent(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{SAMPLED if self.sampled else 0:02x}"

    def headers(self) -> dict[str, str]:
        """The headers for a request or a message to another program."""
        return {TRACEPARENT: self.traceparent} | ({TRACESTATE: self.state} if self.state else {})


def new_trace() -> TraceContext:
    """The context of a trace that begins here. It is marked as sampled, so that later programs may record it."""
    return TraceContext(secrets.token_hex(16), secrets.token_hex(8))


def parse(traceparent: Sequence[str], tracestate: Sequence[str] = ()) -> TraceContext | None:
    """Read a caller's headers; None if they cannot be read, so that a new trace begins.

    Args:
        traceparent: the values of each header of this name; more than one counts as none.
        tracestate: likewise, in their order.
    """
    if len(traceparent) != 1 or not isinstance(traceparent[0], str):
        return None
    found = _HEADER.fullmatch(traceparent[0].strip(" \t"))
    if found is None or (found[1] == "00" and found[5] is not None):
        return None
    return TraceContext(found[2], found[3], bool(int(found[4], 16) & SAMPLED), _state(tracestate))


def of_headers(headers: Mapping[str, object]) -> TraceContext | None:
    """Read the headers of a message; None if they cannot be read."""
    given = [headers.get(name) for name in (TRACEPARENT, TRACESTATE)]
    parent, state = ([value] if isinstance(value, str) else [] for value in given)
    return parse(parent, state)


def _state(given: Sequence[str]) -> str:
    """The members of all headers; empty if one of them cannot be read (section 3.3.1)."""
    members = [member.strip(" \t") for header in given for member in header.split(",")]
    members = [member for member in members if member]  # an empty member is allowed, and means nothing
    names = {member.partition("=")[0] for member in members}
    if len(members) > MOST_MEMBERS or len(names) < len(members) or not all(map(_MEMBER.fullmatch, members)):
        return ""
    joined = ",".join(members)
    return joined if len(joined) <= LONGEST_STATE else ""


_current: ContextVar[TraceContext | None] = ContextVar("trace_context", default=None)


def current() -> TraceContext | None:
    """The context of the current span; None outside of all spans."""
    return _current.get()


@contextmanager
def entered(context: TraceContext) -> Iterator[None]:
    """Make this span the current one for a block of code: its requests and log lines belong to the span."""
    token = _current.set(context)
    try:
        with log_context(trace_id=context.trace_id):
            yield
    finally:
        _current.reset(token)
