"""The administrator that the settings name: made at the API's first start, and updated from the settings at each later start.

The hash of the last ADMIN_PASSWORD is stored: a password that its owner has changed since stays until ADMIN_PASSWORD changes.
"""

import logging
from typing import Any
from uuid import uuid4

from app.core import security
from app.core.schema import Connection
from app.core.security import hash_password, verify_password
from app.core.security_log import A_START, SecurityEvent, note
from app.core.settings import Settings

log = logging.getLogger(__name__)
# Earlier releases have no `configured_hash`; administrators were only ever made at a start.
_KNOWN = """
SELECT id, email, username, password_hash, configured_hash FROM users
WHERE is_admin ORDER BY configured_hash IS NULL, created_at LIMIT 1
"""


async def create_admin(settings: Settings, holder: Connection) -> bool:
    """Make the account that the settings name, or apply what has changed in them.

    Args:
        settings: with the administrator's e-mail, name and password.
        holder: the connection that holds the migration lock.

    Returns:
        Whether it was made.
    """
    security.use(settings)
    email = str(settings.admin_email).lower()
    password = settings.admin_password.get_secret_value()
    known = await holder.fetchrow(_KNOWN)
    if known is not None:
        await _take_over_password(holder, known, password)
        for variable, column, value in (
            ("ADMIN_EMAIL", "email", email),
            ("ADMIN_USERNAME", "username", settings.admin_username),
        ):
            if known[column] != value:
                await _take_over_name(holder, known, variable, column, value)
        return False
    user_id = uuid4()
    made = await holder.fetchval(
        "INSERT INTO users (id, email, username, password_hash, configured_hash, is_admin) VALUES ($1, $2, $3, $4, $4, true)"
        " ON CONFLICT DO NOTHING RETURNING 1",
        user_id,
        email,
        settings.admin_username,
        await hash_password(password),
    )
    if made is None:
        log.warning(
            "there is no administrator: an account that is none has the e-mail of ADMIN_EMAIL or the name of ADMIN_USERNAME"
        )
        return False
    note(SecurityEvent.ADMINISTRATOR_MADE, user_id=user_id, address=A_START)
    return True


async def _take_over_password(holder: Connection, known: Any, password: str) -> None:
    taken_over = known["configured_hash"]
    if await verify_password(password, taken_over or known["password_hash"]):
        if taken_over is None:
            await holder.execute(
                "UPDATE users SET configured_hash = password_hash WHERE id = $1", known["id"]
            )
        return
    await holder.execute(
        "UPDATE users SET password_hash = $2, configured_hash = $2, token_version = token_version + 1 WHERE id = $1",
        known["id"],
        await hash_password(password),
    )
    for table in ("refresh_tokens", "one_time_tokens"):
        await holder.execute(f"DELETE FROM {table} WHERE user_id = $1", known["id"])  # noqa: S608 - one of two words
    log.info("ADMIN_PASSWORD has changed: it is the administrator's from now on, and his sessions have ended")
    note(SecurityEvent.ADMINISTRATOR_CHANGED, user_id=known["id"], address=A_START)


async def _take_over_name(holder: Connection, known: Any, variable: str, column: str, value: str) -> None:
    taken = await holder.fetchval(f"SELECT 1 FROM users WHERE {column} = $1", value)  # noqa: S608 - one of two words
    if taken:
        log.warning("%s is not taken over: another account has it", variable)
        return
    await holder.execute(f"UPDATE users SET {column} = $2 WHERE id = $1", known["id"], value)  # noqa: S608
    log.info("%s has changed: it is the administrator's from now on", variable)
    note(SecurityEvent.ADMINISTRATOR_CHANGED, user_id=known["id"], address=A_START)
