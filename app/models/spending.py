"""Payments to the provider, by day and user. They outlive roadmaps and accounts, so that a deletion gives no budget back."""

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
