"""Stores the provider's names for the concepts of a curriculum; their ids are ours from now on.

The names stand beside the output, so that programs of the previous release can read the output.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
OLDEST_PROGRAM = "0003"


def upgrade() -> None:
    op.add_column("generation_steps", sa.Column("names", postgresql.JSONB(astext_type=sa.Text())))


def downgrade() -> None:
    op.drop_column("generation_steps", "names")
