"""How often the owner has had a roadmap tried again."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
OLDEST_PROGRAM = "0005"


def upgrade() -> None:
    # The default is a constant, so no row is rewritten.
    op.add_column("roadmap_requests", sa.Column("retries", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("roadmap_requests", "retries")
