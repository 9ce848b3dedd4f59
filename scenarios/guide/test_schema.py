"""The database that the migrations make is the one the program declares."""

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import create_async_engine

from app.core.urls import normalise_database_url
from app.migrations import HEAD
from app.models import metadata

pytestmark = pytest.mark.e2e


def test_the_migrations_make_what_the_tables_declare(system):
    """The migrations make exactly the tables that the program declares."""

    def differences(connection):
        return compare_metadata(MigrationContext.configure(connection), metadata)

    async def compare():
        engine = create_async_engine(normalise_database_url(system.database.url))
        async with engine.connect() as connection:
            found = await connection.run_sync(differences)
        await engine.dispose()
        return found

    assert asyncio.run(compare()) == []
    assert system.database.value("SELECT version_num FROM alembic_version") == HEAD


def test_the_newest_revision_is_the_one_everybody_waits_for():
    """The revision that readiness and the workers ask for is the newest there is."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "app:migrations")
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD
