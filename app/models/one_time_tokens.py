"""What opens one thing once: a new password, a registration, a stream of events. Only its hash is kept."""

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
