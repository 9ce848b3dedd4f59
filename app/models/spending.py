"""What the provider was paid, by day and user. It outlives roadmaps and accounts: to delete them gives nobody his budget back."""

from sqlalchemy import Column, Date, Integer, Numeric, Table, Uuid

from app.models.base import metadata

provider_spending = Table(
    "provider_spending",
    metadata,
    Column("day", Date, primary_key=True),  # in UTC
    Column("user_id", Uuid, primary_key=True),
    Column("calls", Integer, nullable=False, server_default="0"),
    Column("cost_usd", Numeric(18, 6), nullable=False, server_default="0"),
)
