"""What the provider calls the concepts of a curriculum, apart from their ids, which are ours from now on.

Beside the output and not in it: programs of the release before go on to read what ours write.
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
