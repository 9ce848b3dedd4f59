"""The declaration of a third-party service that the harness plays: `providers={"sink": Http(reply(200))}`."""

from typing import Any

import msgspec

from harness.application import DeclarationError, Provider
from harness.providers.http.client import FakeHttp
from harness.providers.http.steps import Reply

STATUSES = range(200, 600)  # the final status codes of HTTP


def reply(status: int = 200, body: Any = None) -> Reply:
    """What a scripted service answers.

    Args:
        status: of HTTP.
        body: as JSON; an empty object by default.

    Raises:
        DeclarationError: that is no status.
    """
    if status not in STATUSES:
        raise DeclarationError(
            f"reply({status!r}): a status is a number from {STATUSES.start} to {STATUSES.stop - 1}"
        )
    return Reply(status=status, body={} if body is None else body)


def Http(usual: Reply | None = None, *, path: str = "") -> Provider:  # noqa: N802 - a noun of the declaration, as App and Redis are
    """An HTTP service that the harness plays: it answers every request, and fails on demand.

    Args:
        usual: what it answers; 200 and an empty object by default.
        path: that its address ends with.
    """
    said = usual or reply()
    options = ("--status", str(said.status), "--body", msgspec.json.encode(said.body).decode())
    return Provider(module="harness.providers.http", options=options, client=FakeHttp, path=path)
