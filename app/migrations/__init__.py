"""Alembic's revisions. Numbered, so that whoever waits for a schema can tell older from newer without Alembic."""

HEAD = "0005"
