"""Spans: the timed parts of a trace. Each span has ids in any case; it is recorded only if a collector is set."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from app.core.trace_context import TraceContext, current, entered, new_trace

Attribute = str | int | float | bool


class Side(Enum):
    """The side of a call that a span is on; the names are OpenTelemetry's."""

    SERVER = "a request that is answered"
    CONSUMER = "a message that is worked off"
    CLIENT = "a call of somebody else"


@dataclass(slots=True)
class Span:
    """One span while it lasts.

    Args:
        name: one of few, so without ids.
        kind: its side of a call.
        parent: the span above it; None begins a trace.
        links: further spans that caused it.
        attributes: by the names of OpenTelemetry's semantic conventions.
        context: of the span itself.
        error: what went wrong, in a word; '' if nothing did.
        began: seconds since the epoch.
    """

    name: str
    kind: Side
    parent: TraceContext | None
    links: Sequence[TraceContext]
    attributes: dict[str, Attribute]
    context: TraceContext
    error: str = ""
    began: float = field(default_factory=time.time)


class Recorder(Protocol):
    """Collects spans."""

    def begin(self, span: Span) -> TraceContext:
        """Begin to record it; returns the context that it has from then on."""

    def end(self, span: Span) -> None:
        """End a span."""

    def flush(self) -> None:
        """Send the ended spans; takes a bounded time whatever the collector does."""


_recorder: Recorder | None = None


def record_with(recorder: Recorder | None) -> None:
    """Let this process record its spans from now on; None stops that."""
    global _recorder  # noqa: PLW0603 - one a process
    _recorder = recorder


def flush() -> None:
    """Send the recorded spans, before something may end this process."""
    if _recorder is not None:
        _recorder.flush()


@contextmanager
def span(
    name: str,
    kind: Side,
    attributes: Mapping[str, Attribute] | None = None,
    *,
    parent: TraceContext | None = None,
    links: Sequence[TraceContext] = (),
) -> Iterator[Span]:
    """A span around a block of code; an exception that leaves the block is the span's error.

    Args:
        name: one of few.
        kind: its side of a call.
        attributes: known at its beginning; more may be added until its end.
        parent: the span above it; the current span by default; None begins a trace.
        links: further spans that caused it.
    """
    above = parent or current()
    made = Span(
        name, kind, above, links, dict(attributes or {}), context=above.child() if above else new_trace()
    )
    recorder = _recorder
    if recorder is not None:
        made.context = recorder.begin(made)
    try:
        with entered(made.context):
            yield made
    except BaseException as error:
        made.error = made.error or type(error).__name__
        raise
    finally:
        if recorder is not None:
            recorder.end(made)
