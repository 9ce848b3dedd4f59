"""A start on a real database: revisions one by one, locks, users without rights, and tables of other programs."""

import asyncio
import os
import runpy
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from app import migrations
from app.core import migration, schema
from app.core.migration import migrate_database, prepare_database
from app.core.schema import wait_for_schema
from app.core.settings import Settings
from app.core.unusable import UnusableError
from app.core.urls import driver_dsn
from app.migrations import HEAD, REVISIONS
from scenarios.functions.product import settings_of

pytestmark = [pytest.mark.e2e, pytest.mark.once]
(NEWEST,) = Path(migration.VERSIONS).glob(f"{HEAD}_*.py")
OLDEST = runpy.run_path(str(NEWEST))["OLDEST_PROGRAM"]
ADMIN = {"admin_email": "admin@example.com", "admin_password": "Tr0ub4dor-and-3"}


class Fresh:
    """An empty database on the session's server.

    Args:
        settings: of it.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    async def ask(self, query: str, *values: object) -> list[tuple[object, ...]]:
        connection = await asyncpg.connect(driver_dsn(self.settings.database_url))
        try:
            return [tuple(row) for row in await connection.fetch(query, *values)]
        finally:
            await connection.close()

    def by(self, user: str, **changed: object) -> Settings:
        """The settings of another user of the database, without a password."""
        url = self.settings.database_url
        return self.settings.model_copy(
            update={"database_url": url.replace(url[url.index("://") + 3 : url.index("@")], user), **changed}
        )


@pytest_asyncio.fixture(loop_scope="session")
async def fresh(functions_database: str) -> AsyncIterator[Fresh]:
    name = f"fresh_{uuid4().hex}"
    first = Fresh(settings_of(functions_database))
    await first.ask(f"CREATE DATABASE {name}")
    url = functions_database.replace("@/harness?", f"@/{name}?")
    assert url != functions_database
    yield Fresh(settings_of(url, **ADMIN, database_wait_seconds=20))
    await first.ask(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def revise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """A function that adds a revision with this `body` to the program's revisions."""

    def add(body: str, oldest: str = HEAD) -> str:
        before = migrations.REVISIONS[-1]
        after = f"{int(before) + 1:04}"
        (tmp_path / f"{after}_of_the_test.py").write_text(
            f'from alembic import op\nrevision = "{after}"\ndown_revision = "{before}"\nOLDEST_PROGRAM = "{oldest}"\n'
            f"def upgrade():\n    {body}\n"
        )
        for module in (migrations, schema, migration):
            monkeypatch.setattr(module, "HEAD", after)
        for module in (migrations, schema):
            monkeypatch.setattr(
                module,
                "REVISIONS",
                (*migrations.REVISIONS, after) if module is migrations else migrations.REVISIONS,
            )
        return after

    monkeypatch.setattr(
        migration,
        "VERSIONS",
        os.pathsep.join([str(Path(migrations.__file__).parent / "versions"), str(tmp_path)]),
    )
    return add


async def test_each_revision_records_the_oldest_program_that_can_work_on_it(fresh: Fresh) -> None:
    """A migrated database says which revision it is of and which programs may work on it; a second start changes nothing."""
    await prepare_database(fresh.settings)
    found = await fresh.ask("SELECT version_num, oldest_program FROM alembic_version")
    assert found == [(HEAD, OLDEST)]
    await prepare_database(fresh.settings)
    await wait_for_schema(fresh.settings)
    assert await fresh.ask("SELECT version_num, oldest_program FROM alembic_version") == found


async def test_a_database_of_before_revisions_said_so_is_taken_as_it_is(fresh: Fresh, revise) -> None:
    """A database without that record is worked on, and has it from its next revision on."""
    await prepare_database(fresh.settings)
    await fresh.ask("ALTER TABLE alembic_version DROP COLUMN oldest_program")
    await prepare_database(fresh.settings)
    await wait_for_schema(fresh.settings)
    after = revise('op.execute("CREATE TABLE added (id int)")')
    await prepare_database(fresh.settings)
    assert await fresh.ask("SELECT version_num, oldest_program FROM alembic_version") == [(after, HEAD)]


async def test_a_program_of_before_goes_on_with_a_schema_that_allows_it(
    fresh: Fresh, revise, monkeypatch
) -> None:
    """After a deploy that only adds, the release before starts again on the newer schema; after one that takes away, it refuses."""
    with monkeypatch.context() as newer:
        revise('op.execute("CREATE TABLE added (id int)")')
        await migrate_database(fresh.settings)
        newer.undo()
    monkeypatch.undo()
    assert migrations.HEAD == HEAD
    await prepare_database(fresh.settings)
    await wait_for_schema(fresh.settings)
    after = f"{int(HEAD) + 1:04}"
    assert await fresh.ask("SELECT version_num, oldest_program FROM alembic_version") == [(after, HEAD)]
    await fresh.ask("UPDATE alembic_version SET oldest_program = $1", after)
    for start in (prepare_database, migrate_database, wait_for_schema):
        with pytest.raises(UnusableError, match=f"^revision {after} needs a program of revision {after}"):
            await start(fresh.settings)


async def test_a_revision_that_fails_takes_back_itself_alone(fresh: Fresh, revise) -> None:
    """Each revision is a transaction of its own: one that fails leaves those before it done and nothing of itself, and is one sentence."""
    good = revise('op.execute("CREATE TABLE first_one (id int)")')
    revise('op.execute("CREATE TABLE second_one (id int)"); op.execute("SELECT 1/0")')
    with pytest.raises(UnusableError, match=r"^DATABASE_URL: the database refuses .* its log .* \(22012\)$"):
        await migrate_database(fresh.settings)
    assert await fresh.ask("SELECT version_num FROM alembic_version") == [(good,)]
    tables = "SELECT to_regclass('first_one') IS NOT NULL, to_regclass('second_one') IS NOT NULL"
    assert await fresh.ask(tables) == [(True, False)]


async def test_an_index_can_be_made_beside_the_work(fresh: Fresh, revise) -> None:
    """A revision may leave its transaction for what PostgreSQL does only outside of one, such as CREATE INDEX CONCURRENTLY."""
    revise(
        "with op.get_context().autocommit_block():\n"
        '        op.execute("CREATE INDEX CONCURRENTLY beside ON users (created_at)")'
    )
    await migrate_database(fresh.settings)
    assert await fresh.ask("SELECT to_regclass('beside') IS NOT NULL") == [(True,)]


async def test_a_table_that_somebody_holds_is_waited_for_and_not_queued_behind(
    fresh: Fresh, revise, monkeypatch, caplog
) -> None:
    """A revision that does not get its table in time lets everybody else at it, says so, and is tried again."""
    monkeypatch.setattr(migration, "LOCK_TIMEOUT_MILLISECONDS", 200)
    await migrate_database(fresh.settings)
    revise('op.execute("ALTER TABLE users ADD COLUMN added int")')
    holder = await asyncpg.connect(driver_dsn(fresh.settings.database_url))
    transaction = holder.transaction()
    await transaction.start()
    await holder.execute("LOCK TABLE users IN ACCESS SHARE MODE")
    waiting = asyncio.create_task(migrate_database(fresh.settings))
    said = "waiting for the database: it has a table that somebody holds locked (55P03)"
    async with asyncio.timeout(60):
        while said not in caplog.messages:
            await asyncio.sleep(0.05)
    await transaction.rollback()
    await waiting
    await holder.close()
    assert await fresh.ask("SELECT count(added) FROM users") == [(0,)]


async def test_tables_of_somebody_else_are_not_migrated(fresh: Fresh) -> None:
    """A database that holds a table of one of our names, or another program's revision, is refused in one sentence."""
    await fresh.ask("CREATE TABLE users (id int)")
    with pytest.raises(UnusableError, match="no record of who made them"):
        await prepare_database(fresh.settings)
    await fresh.ask("CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)")
    for foreign in ("deadbeef1234", "9999"):
        await fresh.ask("DELETE FROM alembic_version")
        await fresh.ask("INSERT INTO alembic_version VALUES ($1)", foreign)
        for start in (prepare_database, migrate_database, wait_for_schema):
            with pytest.raises(UnusableError, match=f"^revision {foreign} is none of this program's"):
                await start(fresh.settings)
    await fresh.ask("DELETE FROM alembic_version")
    await fresh.ask("INSERT INTO alembic_version VALUES ($1)", REVISIONS[0])
    await fresh.ask("DROP TABLE users")
    for start in (prepare_database, migrate_database, wait_for_schema):
        with pytest.raises(UnusableError, match="lacks tables"):
            await start(fresh.settings)


async def test_a_user_without_rights_is_told_which_he_needs(fresh: Fresh) -> None:
    """A user who may not make tables, or not connect, ends every role in one sentence that says what to grant."""
    user = f"guest_{uuid4().hex}"
    await fresh.ask(f"CREATE ROLE {user} LOGIN PASSWORD 'hunter2'")
    try:
        guest = fresh.by(f"{user}:hunter2")
        with pytest.raises(UnusableError, match=r"grant CONNECT .* \(42501\)"):
            await prepare_database(guest)
        name = (await fresh.ask("SELECT current_database()"))[0][0]
        await fresh.ask(f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC")
        for start in (prepare_database, wait_for_schema):
            with pytest.raises(UnusableError, match=r"grant CONNECT .* \(42501\)"):
                await start(guest)
        await fresh.ask(f"GRANT CONNECT ON DATABASE {name} TO {user}")
        await fresh.ask(f"ALTER ROLE {user} CONNECTION LIMIT 0")
        impatient = fresh.by(f"{user}:hunter2", database_wait_seconds=0.5)
        with pytest.raises(TimeoutError, match=r"^the database has too many connections already \(53300\)"):
            await prepare_database(impatient)
        await fresh.ask(f"ALTER ROLE {user} NOLOGIN")
        with pytest.raises(UnusableError, match=r"see to its LOGIN .* \(28000\)"):
            await prepare_database(guest)
    finally:
        await fresh.ask(f"DROP OWNED BY {user}")
        await fresh.ask(f"DROP ROLE {user}")
