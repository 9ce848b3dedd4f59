"""Workers that consume, as they last said so themselves."""

from sqlalchemy import ARRAY, Column, DateTime, Integer, Table, Text

from app.models.base import created_at, metadata

workers = Table(
    "workers",
    metadata,
    Column("node", Text, primary_key=True),
    Column("queues", ARRAY(Text), nullable=False),
    Column("slots", Integer, nullable=False, server_default="1"),  # tasks it can do at once
    # when it last took a message, or started; null: it does not say
    Column("taken_at", DateTime(timezone=True)),
    Column("seen_at", DateTime(timezone=True), nullable=False),
    created_at(),
)
