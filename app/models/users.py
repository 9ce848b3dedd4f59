"""Accounts."""

from sqlalchemy import Boolean, Column, DateTime, Integer, Table, Text, false

from app.models.base import created_at, identity, metadata

users = Table(
    "users",
    metadata,
    identity(),
    Column("email", Text, nullable=False, unique=True),  # lower case, by the one function that writes it
    Column("username", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("is_admin", Boolean, nullable=False, server_default=false()),
    Column("token_version", Integer, nullable=False, server_default="0"),  # raised to revoke every token
    Column("blocked_at", DateTime(timezone=True)),  # by an administrator; a blocked one cannot log in
    # The hash of the ADMIN_PASSWORD that was last applied to this account.
    Column("configured_hash", Text),
    created_at(),
)
