"""Gives Alembic the database to change: the connection of app.core.migration.

Each revision is one transaction, and stores beside its name the oldest program that can work on it: a program that does not know the
revision reads that, and decides whether it may go on.
"""

from collections.abc import Collection, Mapping
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo
from alembic.script import Script
from sqlalchemy import inspect, text

from app.models import metadata


def _record(
    ctx: MigrationContext, step: MigrationInfo, heads: Collection[Any], run_args: Mapping[str, Any]
) -> None:
    del heads, run_args
    connection = ctx.connection
    assert connection is not None  # Alembic's offline mode is not used
    columns = {column["name"] for column in inspect(connection).get_columns("alembic_version")}
    if "oldest_program" not in columns:
        connection.execute(text("ALTER TABLE alembic_version ADD COLUMN oldest_program varchar(32)"))
    revision = step.up_revision
    oldest = revision.module.OLDEST_PROGRAM if step.is_upgrade and isinstance(revision, Script) else None
    connection.execute(text("UPDATE alembic_version SET oldest_program = :oldest"), {"oldest": oldest})


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=True,
    on_version_apply=_record,
)
with context.begin_transaction():
    context.run_migrations()
