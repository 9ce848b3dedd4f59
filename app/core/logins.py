"""The accounts that log in, and the addresses from which they did so before."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models import login_addresses, users


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account that somebody wants to log in to.

    Args:
        id: of the account.
        password_hash: of its password.
        token_version: of its valid tokens.
        blocked: whether an administrator has blocked it.
        known: whether it has logged in from this address before.
    """

    id: UUID
    password_hash: str
    token_version: int
    blocked: bool
    known: bool


async def find(connection: AsyncConnection, email: str, address: str) -> Candidate | None:
    """The account of that e-mail; None where there is none.

    Args:
        connection: to read from.
        email: in lower case.
        address: the client's.
    """
    before = exists().where(login_addresses.c.user_id == users.c.id, login_addresses.c.address == address)
    query = select(
        users.c.id,
        users.c.password_hash,
        users.c.token_version,
        users.c.blocked_at.is_not(None).label("blocked"),
        before.label("known"),
    ).where(users.c.email == email)
    row = (await connection.execute(query)).one_or_none()
    return Candidate(*row) if row else None


async def remember(connection: AsyncConnection, user_id: UUID, address: str) -> None:
    """Store that the account has just logged in from this address."""
    seen = insert(login_addresses).values(user_id=user_id, address=address)
    again = seen.on_conflict_do_update(
        index_elements=["user_id", "address"], set_={"seen_at": func.clock_timestamp()}
    )
    await connection.execute(again)
