"""Adds an event's position in its roadmap's log, which is valid in every cluster; the column for retention; and refused calls."""

import sqlalchemy as sa
from alembic import op

from app.migrations.functions import LOG_END, LOG_LOCK, PLACE_LOG_EVENT, PLACE_LOG_EVENTS

revision = "0005"
down_revision = "0004"
OLDEST_PROGRAM = "0003"


def upgrade() -> None:
    # The default is a constant, so no row is rewritten.
    op.add_column(
        "execution_logs", sa.Column("position", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.create_index("ix_execution_logs_request_id_position", "execution_logs", ["request_id", "position"])
    op.drop_index("ix_execution_logs_request_id_transaction_id_number", "execution_logs")
    for function in (LOG_LOCK, LOG_END, PLACE_LOG_EVENT, PLACE_LOG_EVENTS):
        op.execute(function)
    op.add_column("roadmap_requests", sa.Column("log_removed_at", sa.DateTime(timezone=True)))
    op.create_index(
        "ix_roadmap_requests_log_kept",
        "roadmap_requests",
        ["ended_at"],
        postgresql_where=sa.text("log_removed_at IS NULL OR log_removed_at < ended_at"),
    )
    op.add_column("generation_steps", sa.Column("refused", sa.Text()))
    op.create_index("ix_generation_steps_ended_at", "generation_steps", ["ended_at"])


def downgrade() -> None:
    op.drop_index("ix_generation_steps_ended_at", "generation_steps")
    op.drop_column("generation_steps", "refused")
    op.drop_index("ix_roadmap_requests_log_kept", "roadmap_requests")
    op.drop_column("roadmap_requests", "log_removed_at")
    op.execute("DROP TRIGGER place_log_event ON execution_logs")
    for function in ("place_log_event()", "log_end(uuid)", "log_lock(uuid)"):
        op.execute(f"DROP FUNCTION {function}")
    op.create_index(
        "ix_execution_logs_request_id_transaction_id_number",
        "execution_logs",
        ["request_id", "transaction_id", "number"],
    )
    op.drop_index("ix_execution_logs_request_id_position", "execution_logs")
    op.drop_column("execution_logs", "position")
