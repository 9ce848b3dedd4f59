"""From where somebody has logged in: an address that has, has a budget of attempts of its own."""

from sqlalchemy import Column, DateTime, ForeignKey, Table, Text, Uuid, func

from app.models.base import metadata

login_addresses = Table(
    "login_addresses",
    metadata,
    Column("user_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("address", Text, primary_key=True),  # as app.core.client_address writes it
    Column(
        "seen_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp(), index=True
    ),
)
