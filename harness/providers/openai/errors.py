"""What the provider says when it refuses."""

from typing import Any

TYPES = {429: "rate_limit_error", 501: "harness_error"}
BAD_REQUEST = 400
SERVER_ERROR = 500


class RefusedError(Exception):
    """The provider would answer with an error.

    Args:
        message: for the developer of the client.
        parameter: at fault.
        code: by which programs tell errors apart.
        status: of HTTP.
        kind: `type` of the error body; by the status, where there is none.
        headers: of the answer.
    """

    def __init__(
        self,
        message: str,
        parameter: str | None = None,
        code: str | None = None,
        *,
        status: int = BAD_REQUEST,
        kind: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.body = error_body(status, message, code, parameter, kind)


def error_body(
    status: int,
    message: str,
    code: str | None = None,
    parameter: str | None = None,
    kind: str | None = None,
) -> dict[str, Any]:
    """The provider's error body."""
    default = TYPES.get(status, "server_error" if status >= SERVER_ERROR else "invalid_request_error")
    return {"error": {"message": message, "type": kind or default, "param": parameter, "code": code}}
