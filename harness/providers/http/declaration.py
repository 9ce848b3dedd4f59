"""How a declaration says that somebody else's service is played: `providers={"sink": Http(reply(200))}`."""

from typing import Any

import msgspec

from harness.application import DeclarationError, Provider
from harness.providers.http.client import FakeHttp
from harness.providers.http.steps import Reply

STATUSES = range(200, 600)  # that a server ends a call with


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
    """A service that speaks HTTP, played by the harness: it answers whatever it is asked, and is made to fail.

    Args:
        usual: what it answers; 200 and an empty object by default.
        path: that its address ends with.
    """
    said = usual or reply()
    options = ("--status", str(said.status), "--body", msgspec.json.encode(said.body).decode())
    return Provider(module="harness.providers.http", options=options, client=FakeHttp, path=path)
