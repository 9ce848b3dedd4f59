"""Adds the addresses of logins, sessions, one-time tokens, and each user's spending on a day."""

import sqlalchemy as sa
from alembic import op

from app.migrations.functions import ACCEPT_IN_SESSION

revision = "0006"
down_revision = "0005"
OLDEST_PROGRAM = "0005"
MOMENT = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")


def upgrade() -> None:
    op.add_column("users", sa.Column("blocked_at", MOMENT))
    op.add_column("users", sa.Column("configured_hash", sa.Text()))
    op.create_table(
        "login_addresses",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("seen_at", MOMENT, server_default=NOW, nullable=False),
        _of_a_user("login_addresses"),
        sa.PrimaryKeyConstraint("user_id", "address", name="pk_login_addresses"),
    )
    op.create_table(
        "ended_sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        _of_a_user("ended_sessions"),
        sa.PrimaryKeyConstraint("id", name="pk_ended_sessions"),
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_version", sa.Integer(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.Column("created_at", MOMENT, server_default=NOW, nullable=False),
        _of_a_user("refresh_tokens"),
        sa.PrimaryKeyConstraint("hash", name="pk_refresh_tokens"),
    )
    op.create_table(
        "one_time_tokens",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid()),
        sa.Column("request_id", sa.Uuid()),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, server_default=NOW, nullable=False),
        sa.CheckConstraint("purpose IN ('reset', 'invite', 'events')", name="ck_one_time_tokens_purpose"),
        _of_a_user("one_time_tokens"),
        sa.ForeignKeyConstraint(
            ["request_id"], ["roadmap_requests.id"], name="fk_one_time_tokens_request_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("hash", name="pk_one_time_tokens"),
    )
    op.create_table(
        "provider_spending",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("calls", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cost_usd", sa.Numeric(18, 6), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("day", "user_id", name="pk_provider_spending"),
    )
    for table, *columns in INDEXES:
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column])
    op.execute(ACCEPT_IN_SESSION)


def downgrade() -> None:
    op.execute("DROP FUNCTION accept_in_session")
    for table in ("provider_spending", *(table for table, *_ in reversed(INDEXES))):
        op.drop_table(table)
    op.drop_column("users", "configured_hash")
    op.drop_column("users", "blocked_at")


INDEXES = (
    ("login_addresses", "seen_at"),
    ("ended_sessions", "user_id", "expires_at"),
    ("refresh_tokens", "session_id", "user_id", "expires_at"),
    ("one_time_tokens", "user_id", "request_id", "expires_at"),
)


def _of_a_user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=f"fk_{table}_user_id", ondelete="CASCADE")
