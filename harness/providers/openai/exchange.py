"""An exchange with this provider's headers and errors."""

import time
from typing import Any

from harness.providers.exchange import Exchange
from harness.providers.openai.errors import error_body

VERSION = (b"openai-version", b"2020-10-01")


class OpenAIExchange(Exchange):
    """One request to the scripted OpenAI. See Exchange."""

    __slots__ = ()

    def error_body(
        self,
        status: int,
        message: str,
        code: str | None = None,
        parameter: str | None = None,
        kind: str | None = None,
    ) -> dict[str, Any]:
        """See Exchange."""
        return error_body(status, message, code, parameter, kind)

    def _headers(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """See Exchange."""
        milliseconds = b"%d" % ((time.perf_counter() - self._began) * 1000)
        headers += (VERSION, (b"openai-processing-ms", milliseconds), (b"x-request-id", self.request_id))
        headers += self.extra
        return headers
