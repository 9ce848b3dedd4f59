"""Alembic's revisions. They are numbered, so that a role that waits for a schema can compare revisions without Alembic.

`OLDEST_PROGRAM` of each revision is the newest revision of the oldest program that can work on it. A first revision only adds
(expands), so that programs of the previous release still work; a later revision removes what no program uses any more (contracts),
and refuses the programs that used it (docs/deploy.md, section 10).
"""

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007")
HEAD = REVISIONS[-1]
"""The newest revision, which this program needs."""
