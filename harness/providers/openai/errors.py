"""The provider's error body."""

from typing import Any

TYPES = {429: "rate_limit_error", 501: "harness_error"}
SERVER_ERROR = 500


def error_body(
    status: int,
    message: str,
    code: str | None = None,
    parameter: str | None = None,
    kind: str | None = None,
) -> dict[str, Any]:
    """The provider's error body for a refusal.

    Args:
        status: of HTTP.
        message: for the developer of the client.
        code: error code for programs.
        parameter: at fault.
        kind: `type` of the body; by the status, where there is none.
    """
    default = TYPES.get(status, "server_error" if status >= SERVER_ERROR else "invalid_request_error")
    return {"error": {"message": message, "type": kind or default, "param": parameter, "code": code}}
