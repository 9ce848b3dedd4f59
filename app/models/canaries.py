"""Canaries prove that a queue is consumed: a task writes the nonce that it was given."""

from sqlalchemy import Column, Table, Text

from app.models.base import created_at, metadata

canaries = Table(
    "canaries",
    metadata,
    Column("nonce", Text, primary_key=True),
    Column("queue", Text, nullable=False),
    Column("node", Text, nullable=False),
    created_at(),
)
