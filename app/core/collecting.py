"""Starts the collection of this process' spans. OpenTelemetry is imported only if a collector's address is set."""

from collections.abc import Callable
from importlib.util import find_spec

from app.core.settings import Settings
from app.core.unusable import UnusableError


def start(settings: Settings) -> Callable[[], None]:
    """Collect this process' spans from now on, if the settings ask for it.

    Returns:
        A function that sends the remaining spans and ends the collection; it takes some seconds at most.
    """
    if not settings.otel_exporter_otlp_endpoint:
        return _nothing
    from app.core import telemetry

    return telemetry.start(settings).stop


def check(settings: Settings) -> None:
    """Check that the packages for the settings are installed.

    Raises:
        UnusableError: the packages are not installed.
    """
    if settings.otel_exporter_otlp_endpoint and not _installed():
        raise UnusableError(
            "OTEL_EXPORTER_OTLP_ENDPOINT needs packages that are not installed here: pip install --group telemetry, or remove it"
        )


def _installed() -> bool:
    try:
        return find_spec("opentelemetry.exporter.otlp.proto.http") is not None
    except ModuleNotFoundError:  # a parent package is missing
        return False


def _nothing() -> None:
    pass
