"""Ended sessions, and refresh tokens. A session without a refresh token has no row: its access token is its only token."""

from sqlalchemy import Column, DateTime, ForeignKey, Integer, Table, Text, Uuid

from app.models.base import created_at, identity, metadata

ended_sessions = Table(
    "ended_sessions",
    metadata,
    identity(),
    Column("user_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),  # when its last token expires
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("session_id", Uuid, nullable=False, index=True),
    Column("user_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("token_version", Integer, nullable=False),  # of the account, when it was made
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    Column("used_at", DateTime(timezone=True)),  # a token that comes again was stolen
    created_at(),
)
