"""Proof that a queue is consumed: a task that wrote the nonce it was given."""

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
