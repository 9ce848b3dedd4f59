"""Whether this process' spans are collected: OpenTelemetry is imported only where an address of a collector is set."""

from collections.abc import Callable
from importlib.util import find_spec

from app.core.settings import Settings
from app.core.unusable import UnusableError


def start(settings: Settings) -> Callable[[], None]:
    """Collect them from now on, if they shall be.

    Returns:
        What ends it, and hands over what there is; takes some seconds at most.
    """
    if not settings.otel_exporter_otlp_endpoint:
        return _nothing
    from app.core import telemetry

    return telemetry.start(settings).stop


def check(settings: Settings) -> None:
    """Whether what is set can be done here.

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
    except ModuleNotFoundError:  # what it would lie in
        return False


def _nothing() -> None:
    pass
