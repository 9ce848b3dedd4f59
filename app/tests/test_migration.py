"""A role's start with a database that is away, full, foreign, or of another program."""

import asyncio
import ssl
from pathlib import Path

import asyncpg
import pytest

from app.core import migration, schema, session
from app.core.migration import MIGRATION_LOCK, locked
from app.core.schema import Schema, wait_for_schema
from app.core.session import SERVER_SETTINGS
from app.core.unusable import UnusableError
from app.migrations import HEAD, REVISIONS, versions

FINAL = {
    asyncpg.InvalidPasswordError: "refuses the user or its password",
    asyncpg.InvalidAuthorizationSpecificationError: "does not let this user in",
    asyncpg.InvalidCatalogNameError: "is not there under this name",
    asyncpg.InsufficientPrivilegeError: "denies this user",
    asyncpg.DuplicateTableError: "no record of who made them",
    asyncpg.UndefinedTableError: "lacks tables",
    asyncpg.InternalClientError: "something else than PostgreSQL",
    ssl.SSLCertVerificationError: "a certificate that is not trusted",
}
PASSING = {
    asyncpg.TooManyConnectionsError: "has too many connections already (53300)",
    asyncpg.CannotConnectNowError: "is starting up, ending or in recovery (57P03)",
    asyncpg.AdminShutdownError: "is ending, or cancels what is asked of it (57P01)",
    asyncpg.ConnectionDoesNotExistError: "broke the connection off (08003)",
    asyncpg.ReadOnlySQLTransactionError: "only reads: it is a standby, in recovery, or its disk is full (25006)",
    asyncpg.LockNotAvailableError: "has a table that somebody holds locked (55P03)",
    ConnectionRefusedError: "is not there: nothing listens at its host and port",
    TimeoutError: "does not answer (TimeoutError)",
    ConnectionResetError: "does not answer (ConnectionResetError)",
}


class Opened:
    """A connection that remembers its statements."""

    def __init__(self, *, free=True, settings=SERVER_SETTINGS, version=(), ours=True):
        self.asked = []
        self.closed = False
        self.free = free
        self.settings = settings
        self.version = [(*row, ours) for row in version]

    async def execute(self, *statement):
        self.asked.append(statement)

    async def fetchval(self, statement, *_):
        return self.free if "lock" in statement else self.version != []

    async def fetch(self, statement, *_):
        return [*self.settings.items()] if "pg_settings" in statement else [*self.version]

    async def close(self, *, timeout):  # noqa: ASYNC109 - asyncpg's
        self.closed = True


@pytest.fixture
def attempts(monkeypatch):
    """The result of each attempt to connect, in order; the last one repeats."""
    outcomes = []

    async def connect(*_, **__):
        outcome = outcomes.pop(0) if len(outcomes) > 1 else outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(asyncpg, "connect", connect)
    for module in (migration, schema):
        monkeypatch.setattr(module, "RETRY_SECONDS", 0.01)
    return outcomes


async def itself(holder):
    return holder


async def test_a_database_that_lets_nobody_in_a_second_time_has_let_us_in(attempts, settings):
    """One connection is enough: between two connections the database could go away."""
    first = Opened()
    attempts += [TimeoutError(), first, TimeoutError()]

    async def work(holder):
        assert holder is first
        assert not first.closed

    await locked(settings, work)
    assert first.closed


async def test_whoever_migrates_is_waited_for_without_a_limit(attempts, settings, caplog):
    caplog.set_level("INFO")
    attempts += [Opened(free=False)]
    holder = await locked(settings, itself)
    assert holder.asked == [
        ("SET statement_timeout = 0; SET lock_timeout = 0",),
        ("SELECT pg_advisory_lock($1)", MIGRATION_LOCK),
    ]
    assert "waiting for another process that migrates the database" in caplog.messages


async def test_a_database_that_lets_nobody_in_is_named_with_the_time_it_had(attempts, settings, caplog):
    attempts += [TimeoutError()]
    impatient = settings.model_copy(update={"database_wait_seconds": 0.1})
    with pytest.raises(TimeoutError, match=r"did not answer within 0\.1 s: check DATABASE_URL"):
        await locked(impatient, itself)
    assert caplog.messages == ["waiting for the database: it does not answer (TimeoutError)"]


@pytest.mark.parametrize("refusal", PASSING, ids=lambda kind: kind.__name__)
async def test_what_passes_is_waited_for_and_said_once(attempts, settings, caplog, refusal):
    first = Opened()
    attempts += [refusal("no"), refusal("no"), first]
    assert await locked(settings, itself) is first
    assert caplog.messages == [f"waiting for the database: it {PASSING[refusal]}"]


async def test_what_still_refuses_after_the_time_is_told_in_the_last_line(attempts, settings):
    attempts += [asyncpg.TooManyConnectionsError("no")]
    impatient = settings.model_copy(update={"database_wait_seconds": 0.1})
    with pytest.raises(
        TimeoutError, match=r"^the database has too many connections already .* within 0\.1 s"
    ):
        await locked(impatient, itself)


@pytest.mark.parametrize("refusal", FINAL, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(
    "start", [lambda given: locked(given, itself), wait_for_schema], ids=["api", "worker"]
)
async def test_what_waiting_will_not_mend_ends_every_role_in_one_sentence(attempts, settings, refusal, start):
    attempts += [refusal("hunter2")]
    with pytest.raises(UnusableError, match=f"^DATABASE_URL: the database .*{FINAL[refusal]}") as ended:
        await start(settings)
    assert "hunter2" not in str(ended.value)


@pytest.mark.parametrize(
    "start", [lambda given: locked(given, itself), wait_for_schema], ids=["api", "worker"]
)
@pytest.mark.parametrize(
    "outcome",
    [
        Opened(settings={**SERVER_SETTINGS, "lock_timeout": "0"}),
        asyncpg.ProtocolViolationError("unsupported startup parameter: statement_timeout"),
        asyncpg.InvalidSQLStatementNameError('prepared statement "__asyncpg_stmt_1__" does not exist'),
        asyncpg.DuplicatePreparedStatementError('prepared statement "__asyncpg_stmt_1__" already exists'),
    ],
    ids=["settings", "parameter", "statement", "statement twice"],
)
async def test_a_pooler_that_gives_each_transaction_another_session_is_named(
    attempts, settings, start, outcome
):
    attempts += [outcome]
    with pytest.raises(UnusableError, match="PgBouncer"):
        await start(settings)


async def test_another_server_at_the_port_is_named(settings):
    """Redis or an HTTP server: their answer to the first message is not PostgreSQL's."""

    async def answer(reader, writer):
        await reader.read(8)
        writer.write(b"-ERR unknown command\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        url = f"postgresql+asyncpg://u:hunter2@127.0.0.1:{port}/app"
        for mode in ("", "?ssl=require"):
            with pytest.raises(UnusableError, match="or is something else than PostgreSQL"):
                await wait_for_schema(settings.model_copy(update={"database_url": url + mode}))


async def test_a_bug_of_ours_keeps_its_traceback(attempts, settings):
    attempts += [Opened()]

    async def work(holder):
        raise KeyError("ours")

    with pytest.raises(KeyError):
        await locked(settings, work)


def test_the_revisions_are_those_of_the_files():
    files = sorted(path.name[:4] for path in Path(versions.__path__[0]).glob("[0-9]*.py"))
    assert [*REVISIONS] == files


NEXT = f"{int(HEAD) + 1:04}"
FOREIGN = [
    [("deadbeef1234", None)],
    [("9999", None)],
    [("0009", "9999")],
    [(NEXT, NEXT)],
    [(HEAD, HEAD), (NEXT, HEAD)],
    [("deadbeef1234", "cafe")],
    [(f"{HEAD}a", None)],
]


@pytest.mark.parametrize(
    ("rows", "fits", "older"),
    [
        ([], False, True),
        ([(REVISIONS[0], None)], False, True),
        ([(REVISIONS[-2], REVISIONS[0])], False, True),
        ([(HEAD, None)], True, False),
        ([(HEAD, HEAD)], True, False),
        ([(NEXT, HEAD)], True, False),
        ([(NEXT, REVISIONS[0])], True, False),
        *((rows, False, False) for rows in FOREIGN),
    ],
)
def test_a_schema_fits_or_is_on_its_way_or_is_anothers(rows, fits, older):
    found = Schema.of([(*row, True) for row in rows])
    assert (found.fits, found.is_older) == (fits, older)
    assert bool(found.trouble) is not fits


@pytest.mark.parametrize("rows", FOREIGN)
async def test_a_schema_of_somebody_else_ends_every_role_alike(attempts, settings, rows):
    attempts += [Opened(version=rows)]
    said = set()
    for start in (migration.prepare_database, migration.migrate_database, wait_for_schema):
        with pytest.raises(
            UnusableError, match=r"^revision .*: (DATABASE_URL leads|deploy a newer)"
        ) as ended:
            await start(settings)
        said.add(str(ended.value))
    assert len(said) == 1


@pytest.mark.parametrize(
    "rows", [*([(name, None)] for name in REVISIONS), [(HEAD, HEAD)], [(NEXT, HEAD)], [(NEXT, REVISIONS[0])]]
)
async def test_a_revision_that_is_called_like_ours_is_another_programs_where_no_table_of_ours_is(
    attempts, settings, rows
):
    """Many programs have a revision `0007`: no role waits for such a database, migrates it or works on it."""
    attempts += [Opened(version=rows, ours=False)]
    said = set()
    for start in (migration.prepare_database, migration.migrate_database, wait_for_schema):
        with pytest.raises(UnusableError, match=r"^revision .* lacks tables .*: DATABASE_URL leads") as ended:
            await start(settings)
        said.add(str(ended.value))
    assert len(said) == 1


@pytest.mark.parametrize("rows", FOREIGN)
def test_a_revision_that_is_not_called_like_ours_is_anothers_without_our_tables_too(rows):
    found = Schema.of([(*row, False) for row in rows])
    assert (found.fits, found.is_older, bool(found.trouble)) == (False, False, True)


async def test_a_newer_schema_that_allows_this_program_is_waited_for_by_nobody(attempts, settings):
    attempts += [Opened(version=[(NEXT, HEAD)])]
    await wait_for_schema(settings)
    await migration.migrate_database(settings)


def test_a_file_that_is_no_certificate_is_named_by_its_parameter(settings, tmp_path):
    url = f"postgresql+asyncpg://u:hunter2@db/app?ssl=verify-full&sslrootcert={tmp_path / 'ca.pem'}"
    for content in (None, "no certificate"):
        if content:
            (tmp_path / "ca.pem").write_text(content)
        with pytest.raises(UnusableError, match="sslrootcert") as refused:
            session.way(settings.model_copy(update={"database_url": url}))
        assert "hunter2" not in str(refused.value)
