"""Adds since when a roadmap waits, a worker's slots, and when it last took a message: they tell whether a queue is consumed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
OLDEST_PROGRAM = "0001"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.add_column(
        "roadmap_requests",
        sa.Column("queued_at", moment, server_default=sa.text("clock_timestamp()"), nullable=False),
    )
    op.add_column("workers", sa.Column("slots", sa.Integer(), server_default="1", nullable=False))
    op.add_column("workers", sa.Column("taken_at", moment))


def downgrade() -> None:
    op.drop_column("workers", "taken_at")
    op.drop_column("workers", "slots")
    op.drop_column("roadmap_requests", "queued_at")
