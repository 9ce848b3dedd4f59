"""Spans: what takes time within a trace. Each has its ids in any case; it is recorded where somebody collects spans."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from app.core.trace_context import TraceContext, current, entered, new_trace

Attribute = str | int | float | bool


class Side(Enum):
    """Of which side of a call a span is; the names are OpenTelemetry's."""

    SERVER = "a request that is answered"
    CONSUMER = "a message that is worked off"
    CLIENT = "a call of somebody else"


@dataclass(slots=True)
class Span:
    """One span while it lasts.

    Args:
        name: of few different ones: no id is in it.
        kind: of which side of a call it is.
        parent: the span that it goes on from; None begins a trace.
        links: further spans that caused it.
        attributes: by the names of OpenTelemetry's semantic conventions.
        context: of the span itself.
        error: what went wrong, in a word; '' for nothing.
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
    """Who collects spans."""

    def begin(self, span: Span) -> TraceContext:
        """Begin to record it; returns the context that it has from then on."""

    def end(self, span: Span) -> None:
        """It is over."""

    def flush(self) -> None:
        """Hand over what is over; takes a bounded time whatever the collector does."""


_recorder: Recorder | None = None


def record_with(recorder: Recorder | None) -> None:
    """From now on this process records its spans, or with None does so no more."""
    global _recorder  # noqa: PLW0603 - one a process
    _recorder = recorder


def flush() -> None:
    """Hand over what has been recorded, before something may end this process."""
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
    """A span around what is inside; an exception that leaves it is its error.

    Args:
        name: of few different ones.
        kind: of which side of a call it is.
        attributes: known at its beginning; more may be added until its end.
        parent: what it goes on from; the current span by default, or none, which begins a trace.
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
