"""Tokens that are good once: for a new password, a registration or a stream of events. Only their hashes are stored."""

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Table, Text, Uuid

from app.models.base import created_at, metadata

RESET, INVITE, EVENTS = "reset", "invite", "events"

one_time_tokens = Table(
    "one_time_tokens",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("user_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), index=True),  # for whom
    Column("request_id", Uuid, ForeignKey("roadmap_requests.id", ondelete="CASCADE"), index=True),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    created_at(),
    CheckConstraint("purpose IN ('reset', 'invite', 'events')", name="purpose"),
)
