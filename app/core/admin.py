"""The first administrator: made once, at the start of the API."""

from uuid import uuid4

from app.core.schema import Connection
from app.core.security import hash_password
from app.core.settings import Settings


async def create_admin(settings: Settings, holder: Connection) -> bool:
    """Make the account that the settings name, unless there is one of that e-mail or name.

    An account that exists is left as it is: its password may have been changed since.

    Args:
        settings: name it.
        holder: the connection that holds the migration lock.

    Returns:
        Whether it was made.
    """
    email = str(settings.admin_email).lower()
    if await holder.fetchval("SELECT 1 FROM users WHERE email = $1", email):
        return False
    made = await holder.fetchval(
        "INSERT INTO users (id, email, username, password_hash, is_admin) VALUES ($1, $2, $3, $4, true)"
        " ON CONFLICT DO NOTHING RETURNING 1",
        uuid4(),
        email,
        settings.admin_username,
        await hash_password(settings.admin_password.get_secret_value()),
    )
    return made is not None
