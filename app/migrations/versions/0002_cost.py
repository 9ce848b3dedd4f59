"""What each step has cost."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
OLDEST_PROGRAM = "0001"


def upgrade() -> None:
    op.add_column(
        "generation_steps", sa.Column("cost_usd", sa.Numeric(12, 6), server_default="0", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("generation_steps", "cost_usd")
