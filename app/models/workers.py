"""Workers that consume, as they last said so themselves."""

from sqlalchemy import ARRAY, Column, DateTime, Table, Text

from app.models.base import created_at, metadata

workers = Table(
    "workers",
    metadata,
    Column("node", Text, primary_key=True),
    Column("queues", ARRAY(Text), nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
    created_at(),
)
