"""Answers an attempt to log in according to the throttle's verdict."""

from uuid import UUID

from app.api.problems import Kind, Problem
from app.core import security_log
from app.core.security_log import SecurityEvent
from app.core.throttle import Counted, Verdict

_TOO_MANY = "Too many attempts with the password of this account, or from this address; wait a minute."
_TOO_OFTEN = "This password has been used too often within an hour; go on with the token that you have, or come again later."


def let_through(verdict: Verdict, user_id: UUID | None, address: str) -> None:
    """Return if the attempt is allowed; else log it and raise.

    Args:
        verdict: over the attempt.
        user_id: of the account that it names; None where there is none.
        address: the client's.

    Raises:
        Problem: there were too many attempts.
    """
    if verdict.allowed:
        return
    security_log.note(SecurityEvent.LOGIN_THROTTLED, user_id=user_id, address=address)
    detail = _TOO_OFTEN if verdict.budget.counted is Counted.RIGHT else _TOO_MANY
    raise Problem(Kind.TOO_MANY_LOGINS, detail, headers=verdict.headers)
