"""Reports why the provider refuses our account: such a refusal fails every roadmap until somebody changes something.

For its worker each such roadmap is an ordinary failure. The content worker logs the refusal as an error, once a minute; and readiness
reads from the newest ended steps, in the database that API and workers share, whether any call still succeeds.
See docs/decisions/083-a-dead-key-is-told.md.
"""

import enum
import logging
import time
from collections.abc import Callable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.roadmaps import states

log = logging.getLogger(__name__)
EVERY_SECONDS = 60.0
NEWEST = 3  # so many last calls, or all if there are fewer, must have been refused
# Older refusals say nothing about now, if nobody has asked since.
_STANDING = text(f"""
SELECT refused FROM generation_steps
WHERE ended_at > clock_timestamp() - interval '1 hour' AND (status = {states.COMPLETED!r} OR refused IS NOT NULL)
ORDER BY ended_at DESC LIMIT :newest
""")  # noqa: S608 - of our own words alone


class Refusal(enum.StrEnum):
    """What the provider refuses; the meaning follows the words "the provider" and says why and what to do, without any setting's value."""

    KEY = "key"
    QUOTA = "quota"
    MODEL = "model"
    ACCESS = "access"

    @property
    def meaning(self) -> str:
        return _MEANINGS[self]


_MEANINGS = {
    Refusal.KEY: "refuses OPENAI_API_KEY: it is wrong, was revoked, or belongs to another OPENAI_BASE_URL; set a valid one in every"
    " content worker",
    Refusal.QUOTA: "says that the account of OPENAI_API_KEY has no credit, or has reached its limit: pay, or raise the limit, at the"
    " provider",
    Refusal.MODEL: "knows no model as OPENAI_MODEL names it, or does not give it to the account of OPENAI_API_KEY: set another model,"
    " or check OPENAI_BASE_URL",
    Refusal.ACCESS: "denies the account of OPENAI_API_KEY what it asks for: its rights, its region, or OPENAI_MODEL; see the account at"
    " the provider",
}
_BY_CODE = {
    **dict.fromkeys(("invalid_api_key", "account_deactivated", "invalid_organization"), Refusal.KEY),
    **dict.fromkeys(("insufficient_quota", "insufficient_balance", "payment_required"), Refusal.QUOTA),
    **dict.fromkeys(("billing_not_active", "billing_hard_limit_reached"), Refusal.QUOTA),
    **dict.fromkeys(("model_not_found", "unknown_model", "deployment_not_found"), Refusal.MODEL),
}
_BY_STATUS = {401: Refusal.KEY, 402: Refusal.QUOTA, 403: Refusal.ACCESS, 404: Refusal.MODEL}


def refusal(status: int, *codes: object) -> Refusal | None:
    """What an error's answer refuses our account; None if the error is about the call.

    Args:
        status: of the answer.
        codes: its `code` and its `type`.
    """
    known = (_BY_CODE.get(code.lower()) for code in codes if isinstance(code, str))
    return next((found for found in known if found), _BY_STATUS.get(status))


class Notice:
    """Logs at most once a minute that calls are refused. One for each pool child.

    Args:
        clock: monotonic, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next = -float("inf")
        self._untold = 0
        self._refused = False

    def refused(self, found: Refusal) -> None:
        """Note that a call was refused."""
        self._refused = True
        self._untold += 1
        if self._clock() >= self._next:
            log.error(
                "the provider %s (%d calls were refused since this was last said)",
                found.meaning,
                self._untold,
            )
            self._next, self._untold = self._clock() + EVERY_SECONDS, 0

    def accepted(self) -> None:
        """Note that a call was answered."""
        if self._refused:
            log.info("the provider accepts this account again")
            self._refused = False


async def standing(connection: AsyncConnection) -> Refusal | None:
    """The refusal of our account, if all of the provider's last answers were refusals; else None."""
    newest = list(await connection.scalars(_STANDING, {"newest": NEWEST}))
    return Refusal(newest[0]) if newest and all(newest) else None
