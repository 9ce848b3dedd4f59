"""A roadmap's life in three tables: the request, the steps that were paid for, and the result.

The request is a state machine, protected by leases. A step is one question to the provider, so that a second attempt pays only for
what is missing. The roadmap exists once, under the request's id.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from app.models.base import created_at, identity, metadata
from app.roadmaps import states

roadmap_requests = Table(
    "roadmap_requests",
    metadata,
    identity(),
    Column("user_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("idempotency_key", Text, nullable=False),
    Column("body", JSONB, nullable=False),
    Column("status", Text, nullable=False, server_default=states.QUEUED),
    Column("step", Text, nullable=False, server_default="accepted"),  # shown as progress, decides nothing
    Column("attempt", Integer, nullable=False, server_default="0"),
    # Raised by each claim, so that an older claim cannot write.
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("lease_until", DateTime(timezone=True)),
    Column("dispatches", Integer, nullable=False, server_default="0"),
    Column(
        "next_dispatch_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()
    ),
    Column("error", JSONB),  # {"code", "message"}, for the owner
    Column("queued_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    created_at(),
    Column("started_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("retries", Integer, nullable=False, server_default="0"),  # by the owner; each may cost money
    Column("log_removed_at", DateTime(timezone=True)),  # when retention last removed the log
    UniqueConstraint("user_id", "idempotency_key"),
    CheckConstraint(states.among(states.STATUSES), name="status"),
    Index(
        "ix_roadmap_requests_due",
        "next_dispatch_at",
        postgresql_where=text(states.IS_OPEN),
    ),
    Index(
        "ix_roadmap_requests_log_kept",
        "ended_at",
        postgresql_where=text("log_removed_at IS NULL OR log_removed_at < ended_at"),
    ),
)

generation_steps = Table(
    "generation_steps",
    metadata,
    Column("request_id", Uuid, ForeignKey("roadmap_requests.id", ondelete="CASCADE"), primary_key=True),
    Column("step", Text, primary_key=True),
    Column("concept_id", Text, primary_key=True, server_default=""),  # '' for a step of the whole roadmap
    Column("status", Text, nullable=False, server_default=states.RUNNING),
    # Calls to the provider, whose number is limited.
    Column("attempts", Integer, nullable=False, server_default="1"),
    Column("output", JSONB),
    Column("error", JSONB),
    # Of a curriculum: our id -> the provider's name of the concept; see roadmaps.framework.
    Column("names", JSONB),
    # what the provider refuses our account, if the step failed for that; see app.roadmaps.account
    Column("refused", Text),
    Column("prompt_tokens", Integer, nullable=False, server_default="0"),
    Column("completion_tokens", Integer, nullable=False, server_default="0"),
    Column("cost_usd", Numeric(12, 6), nullable=False, server_default="0"),  # at the prices of its time
    created_at(),
    Column("ended_at", DateTime(timezone=True), index=True),
    CheckConstraint(states.among(states.STEP_STATUSES), name="status"),
)

roadmaps = Table(
    "roadmaps",
    metadata,
    Column("id", Uuid, ForeignKey("roadmap_requests.id", ondelete="CASCADE"), primary_key=True),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("curriculum", JSONB, nullable=False),
    created_at(),
)
