"""A request that a provider refuses: the facts for every kind; each kind has a form of its own (Exchange.error_body)."""

BAD_REQUEST = 400


class RefusedError(Exception):
    """The provider would answer with an error.

    Args:
        message: for the developer of the client.
        parameter: at fault.
        code: error code for programs.
        status: of HTTP.
        kind: of error, where the provider has kinds.
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
        self.message = message
        self.parameter = parameter
        self.code = code
        self.status = status
        self.kind = kind
        self.headers = headers or {}
