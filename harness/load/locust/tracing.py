"""Each request of a load test begins a trace that the service continues (W3C Trace Context).

With Locust's own `--otel` it is a span of the load generator, so that the collector shows both sides of a slow request. Locust's
own instrumentation knows only `requests`, not the client of our users.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

try:
    from opentelemetry import propagate, trace
except ImportError:  # it comes with `--otel`'s packages
    trace = None  # type: ignore[assignment]

TRACEPARENT = "traceparent"


def traced(request: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a request function, so that each request begins a trace.

    Args:
        request: of a Locust client: takes method, URL, `name` and `headers`.
    """

    def with_trace(method: str, url: str, *more: Any, **options: Any) -> Any:
        with _span(
            f"{method} {options.get('name') or url}".replace(f"{method} {method} ", f"{method} ")
        ) as begun:
            options["headers"] = {**begun, **(options.get("headers") or {})}
            return request(method, url, *more, **options)

    return with_trace


@contextmanager
def _span(name: str) -> Iterator[dict[str, str]]:
    """A span, where spans are collected; yields the headers of this span, or of one that is not collected."""
    if trace is None:
        yield _nobodys()
        return
    with trace.get_tracer(__name__).start_as_current_span(name, kind=trace.SpanKind.CLIENT):
        headers: dict[str, str] = {}
        propagate.inject(headers)
        yield headers if TRACEPARENT in headers else _nobodys()


def _nobodys() -> dict[str, str]:
    return {TRACEPARENT: f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"}
