"""The addresses from which accounts have logged in: each has its own budget of attempts."""

from sqlalchemy import Column, DateTime, ForeignKey, Table, Text, Uuid, func

from app.models.base import metadata

login_addresses = Table(
    "login_addresses",
    metadata,
    Column("user_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("address", Text, primary_key=True),  # in the form of app.core.client_address
    Column(
        "seen_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp(), index=True
    ),
)
