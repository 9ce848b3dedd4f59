"""Execution-log events: the stored ones, and the outbox of those that must not be lost."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from app.models.base import created_at, identity, metadata

execution_logs = Table(
    "execution_logs",
    metadata,
    identity(),  # made with the event, so that storing it twice changes nothing
    # The order in which a roadmap's events became visible, counted under the roadmap's lock (app.roadmaps.outbox). 0 marks events that were
    # stored before this column existed: they come first, by transaction and number, which older releases still use. A transaction's id
    # has no meaning in another cluster, so new code does not use it.
    Column("position", BigInteger, nullable=False, server_default="0"),
    Column(
        "transaction_id",
        BigInteger,
        nullable=False,
        server_default=text("pg_current_xact_id()::text::bigint"),
    ),
    Column("number", BigInteger, Identity(), nullable=False),
    Column("request_id", Uuid, ForeignKey("roadmap_requests.id", ondelete="CASCADE"), nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("level", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("concept_id", Text, nullable=False, server_default=""),
    Column("message", Text, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("stored_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Index("ix_execution_logs_request_id_occurred_at_id", "request_id", "occurred_at", "id"),
    Index("ix_execution_logs_request_id_position", "request_id", "position"),
)

outbox = Table(
    "outbox",
    metadata,
    identity(),  # the event's own id; the row goes when the event is stored
    Column(
        "request_id", Uuid, ForeignKey("roadmap_requests.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("event", JSONB, nullable=False),
    Column("dispatches", Integer, nullable=False, server_default="0"),
    Column("next_dispatch_at", DateTime(timezone=True), nullable=False, index=True),
    created_at(),
)
