"""Values that are possible, and do otherwise than whoever set them may believe."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from app.core.settings.model import Settings


def doubtful(settings: Settings) -> Iterator[tuple[str, str]]:
    """Variable and what its value does. No role refuses it."""
    for field, value in settings:
        if isinstance(value, str) and value != value.strip():
            yield field.upper(), "begins or ends with a space, which is part of the value"
    if "your-" in settings.openai_base_url:
        yield "OPENAI_BASE_URL", "is the guide's example: write your provider's address"
    if not urlsplit(settings.openai_base_url).path.strip("/"):
        yield (
            "OPENAI_BASE_URL",
            "has no path: calls go to /chat/completions at its root, where most servers answer 404; they have /v1",
        )
    if settings.call_seconds < settings.openai_timeout_seconds:
        yield (
            "OPENAI_TIMEOUT_SECONDS",
            f"is more than half of GENERATION_TIMEOUT_SECONDS: each call is cut after {settings.call_seconds:g} s all the same",
        )
