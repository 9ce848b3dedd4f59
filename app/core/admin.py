"""The first administrator: made once, at the start of the API."""

from uuid import uuid4

from app.core.schema import connection
from app.core.security import hash_password
from app.core.settings import Settings


async def create_admin(settings: Settings) -> bool:
    """Make the account that the settings name, unless there is one of that e-mail or name. The caller holds the lock.

    An account that exists is left as it is: its password may have been changed since.

    Returns:
        Whether it was made.
    """
    email = str(settings.admin_email).lower()
    async with connection(settings) as opened:
        if await opened.fetchval("SELECT 1 FROM users WHERE email = $1", email):
            return False
        password_hash = await hash_password(settings.admin_password.get_secret_value())
        made = await opened.fetchval(
            "INSERT INTO users (id, email, username, password_hash, is_admin) VALUES ($1, $2, $3, $4, true)"
            " ON CONFLICT DO NOTHING RETURNING 1",
            uuid4(),
            email,
            settings.admin_username,
            password_hash,
        )
        return made is not None
