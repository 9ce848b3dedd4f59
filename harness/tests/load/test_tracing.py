"""Each request of a load test has a trace of its own; with `--otel` it is a span, and what the service is told of."""

import re
import subprocess
import sys
import textwrap

import pytest

from harness.load.locust import tracing

HEADER = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01")


def asked(times=1, **options):
    made = []
    request = tracing.traced(lambda method, url, **options: made.append((method, url, options)) or "answer")
    for _ in range(times):
        assert request("GET", "/x", **options) == "answer"
    return [options["headers"]["traceparent"] for _, _, options in made]


@pytest.mark.parametrize("installed", [True, False])
def test_each_request_tells_of_another_trace(monkeypatch, installed):
    if not installed:
        monkeypatch.setattr(tracing, "trace", None)
    told = asked(5)
    assert all(map(HEADER.fullmatch, told))
    assert len(set(told)) == 5


@pytest.mark.parametrize("headers", [None, {}, {"Authorization": "Bearer x"}])
def test_other_headers_stay(headers):
    seen = []
    given = dict(headers) if headers else headers
    tracing.traced(lambda *_, **options: seen.append(options["headers"]))("GET", "/x", headers=headers)
    assert seen[0].items() >= (headers or {}).items()
    assert headers == given  # the caller's own are not written to


def test_whoever_has_a_trace_already_keeps_it():
    own = f"00-{'a' * 32}-{'b' * 16}-00"
    assert asked(headers={"traceparent": own}) == [own]


def test_with_a_provider_it_is_a_span_and_the_header_names_it():
    program = """
        from opentelemetry import trace
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
        from harness.load.locust.tracing import traced
        kept = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(kept))
        trace.set_tracer_provider(provider)
        seen = []
        request = traced(lambda *_, **options: seen.append(options["headers"]["traceparent"]))
        request("GET", "/orders/7", name="GET /orders/{id}")
        (span,) = kept.get_finished_spans()
        told = span.get_span_context()
        assert seen[0].startswith(f"00-{told.trace_id:032x}-{told.span_id:016x}-0"), seen
        assert (span.name, span.kind.name) == ("GET /orders/{id}", "CLIENT"), span.name
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
