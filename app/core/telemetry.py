"""Spans on their way to a collector, by OpenTelemetry's SDK and OTLP over HTTP. Nothing imports this unless a collector is set.

The service does not need the collector: an absent one costs one task a bounded wait, and later tasks nothing until it is back.
"""

import logging
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from urllib.parse import unquote

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace.span import TraceState

from app.core import spans
from app.core.settings import Settings
from app.core.spans import Span
from app.core.trace_context import TraceContext

log = logging.getLogger(__name__)
EXPORT_SECONDS = 5  # of one export with all its tries
FLUSH_SECONDS = 1.0  # that a task waits at its end
STOP_SECONDS = 3.0  # that a process waits at its end
NANOSECONDS = 1_000_000_000


class Exporter(SpanExporter):
    """Exports spans; logs once that it cannot, and once that it can again.

    Args:
        exporter: the one that sends them.
    """

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self.reached = True
        self._ended = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._exporter.export(spans)
        reached = result is SpanExportResult.SUCCESS
        if self._ended:  # the process no longer waits for it
            return result
        if self.reached and not reached:
            log.warning(
                "%d spans were lost: OTEL_EXPORTER_OTLP_ENDPOINT does not take them by OTLP over HTTP",
                len(spans),
            )
        elif reached and not self.reached:
            log.info("the collector takes spans again")
        self.reached = reached
        return result

    def shutdown(self) -> None:
        self._ended = True
        self._exporter.shutdown()


class Telemetry:
    """Records this process' spans. Made after the fork: its thread does not survive one.

    Args:
        settings: with a collector.
    """

    def __init__(self, settings: Settings) -> None:
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # Exporter logs it once instead
        name = settings.otel_service_name or f"roadmap-{settings.service_type.replace('_', '-')}"
        about = {"service.name": name, "deployment.environment.name": settings.environment}
        if settings.railway_git_commit_sha:
            about["service.version"] = settings.railway_git_commit_sha
        self._exporter = Exporter(
            OTLPSpanExporter(
                endpoint=f"{settings.otel_exporter_otlp_endpoint.rstrip('/')}/v1/traces",
                headers=headers(settings.otel_exporter_otlp_headers.get_secret_value()),
                timeout=EXPORT_SECONDS,
            )
        )
        self._processor = BatchSpanProcessor(self._exporter)
        self._provider = TracerProvider(resource=Resource.create(about), shutdown_on_exit=False)
        self._provider.add_span_processor(self._processor)
        self._tracer = self._provider.get_tracer("app")
        self._open: dict[int, trace.Span] = {}  # by the identity of our span
        self._flusher = ThreadPoolExecutor(1, thread_name_prefix="telemetry")
        self._flushing: Future[bool] | None = None

    def begin(self, span: Span) -> TraceContext:
        """See spans.Recorder."""
        above = (
            trace.set_span_in_context(trace.NonRecordingSpan(_context(span.parent))) if span.parent else None
        )
        begun = self._tracer.start_span(
            span.name,
            above or trace.set_span_in_context(trace.INVALID_SPAN),
            kind=trace.SpanKind[span.kind.name],
            attributes=span.attributes,
            links=[trace.Link(_context(link)) for link in span.links],
            start_time=int(span.began * NANOSECONDS),
        )
        self._open[id(span)] = begun
        made = begun.get_span_context()
        if not made.is_valid:  # OTEL_SDK_DISABLED
            return span.context
        return TraceContext(
            trace.format_trace_id(made.trace_id),
            trace.format_span_id(made.span_id),
            made.trace_flags.sampled,
            span.context.state,
        )

    def end(self, span: Span) -> None:
        """See spans.Recorder."""
        begun = self._open.pop(id(span))
        begun.update_name(span.name)
        begun.set_attributes(span.attributes)
        if span.error:
            begun.set_attribute("error.type", span.error)
            begun.set_status(trace.StatusCode.ERROR)
        begun.end()

    def flush(self) -> None:
        """See spans.Recorder. The SDK's own flush waits as long as its exporter tries, whatever its time-out is."""
        if self._flushing is None or self._flushing.done():
            self._flushing = self._flusher.submit(self._processor.force_flush)
            if self._exporter.reached:
                wait([self._flushing], FLUSH_SECONDS)

    def stop(self) -> None:
        """Send the remaining spans and end; takes some seconds at most."""
        spans.record_with(None)
        ended = self._flusher.submit(self._provider.shutdown)
        wait([ended], STOP_SECONDS)
        self._exporter.shutdown()
        self._flusher.shutdown(wait=False, cancel_futures=True)


def start(settings: Settings) -> Telemetry:
    """Record this process' spans from now on."""
    made = Telemetry(settings)
    spans.record_with(made)
    return made


def headers(text: str) -> dict[str, str]:
    """Parse OTEL_EXPORTER_OTLP_HEADERS: `name=value` pairs with commas between, values escaped as in an address."""
    pairs = (pair.partition("=") for pair in text.split(",") if pair.strip())
    return {name.strip().lower(): unquote(value.strip()) for name, _, value in pairs}


def _context(of: TraceContext) -> trace.SpanContext:
    return trace.SpanContext(
        int(of.trace_id, 16),
        int(of.span_id, 16),
        is_remote=True,
        trace_flags=trace.TraceFlags(trace.TraceFlags.SAMPLED if of.sampled else trace.TraceFlags.DEFAULT),
        trace_state=TraceState.from_header([of.state]) if of.state else None,
    )
