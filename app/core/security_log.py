"""Logs what matters after an attack: one line for each event, with the account's id and the client's address."""

import enum
import logging
from uuid import UUID

from app.core.logging import log_context

log = logging.getLogger("app.security")
A_START = "a start"


class SecurityEvent(enum.StrEnum):
    """The value of the line's field `security_event`."""

    REGISTERED = "registered"
    REGISTRATION_FAILED = "registration_failed"
    REGISTRATION_THROTTLED = "registration_throttled"
    INVITATION_MADE = "invitation_made"
    LOGGED_IN = "logged_in"
    LOGIN_FAILED = "login_failed"
    LOGIN_THROTTLED = "login_throttled"
    LOGGED_OUT = "logged_out"
    TOKENS_REVOKED = "tokens_revoked"
    REFRESH_TOKEN_REUSED = "refresh_token_reused"  # noqa: S105 - no secret
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    PASSWORD_RESET_ALLOWED = "password_reset_allowed"  # noqa: S105
    PASSWORD_RESET = "password_reset"  # noqa: S105
    ACCOUNT_BLOCKED = "account_blocked"
    ACCOUNT_UNBLOCKED = "account_unblocked"
    ACCOUNT_DELETED = "account_deleted"
    ADMINISTRATOR_MADE = "administrator_made"
    ADMINISTRATOR_CHANGED = "administrator_changed"


def note(event: SecurityEvent, *, user_id: UUID | None, address: str) -> None:
    """Log an event.

    Args:
        event: what has happened.
        user_id: of the account; None if no account has that name.
        address: the client's; `a start` if a changed setting is the cause.
    """
    fields = {"security_event": str(event), "user_id": str(user_id or ""), "address": address}
    with log_context(**fields):
        log.info("%s", event.replace("_", " "))
