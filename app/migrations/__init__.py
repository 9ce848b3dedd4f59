"""Alembic's revisions. Numbered, so that whoever waits for a schema can tell older from newer without Alembic.

Each says in `OLDEST_PROGRAM` the oldest one that can work on it, by the revision that was its newest. A database is expanded first, by
a revision that programs of the release before do not notice; what no program uses any more is taken away (contracted) by a later one,
which refuses the programs that did (docs/deploy.md, section 10).
"""

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007")
HEAD = REVISIONS[-1]
"""The newest: what this program needs."""
