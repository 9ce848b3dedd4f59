"""The consuming workers, as they last reported themselves."""

from sqlalchemy import ARRAY, Column, DateTime, Integer, Table, Text

from app.models.base import created_at, metadata

workers = Table(
    "workers",
    metadata,
    Column("node", Text, primary_key=True),
    Column("queues", ARRAY(Text), nullable=False),
    Column("slots", Integer, nullable=False, server_default="1"),  # tasks it can do at once
    # When it last took a message, or started; null if it does not report that.
    Column("taken_at", DateTime(timezone=True)),
    Column("seen_at", DateTime(timezone=True), nullable=False),
    created_at(),
)
