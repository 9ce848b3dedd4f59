"""An error that passes is a 503 and a line, our own error is a 500 and a traceback: each error of PostgreSQL and its driver is one of them."""

import inspect
import logging
import ssl

import asyncpg
import pytest
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.api import dependencies
from app.api.problems import Kind
from app.core import database_trouble

DBAPI = dialect.import_dbapi()
KNOWN = sorted(
    {
        error.sqlstate: error
        for _, error in inspect.getmembers(asyncpg.exceptions, inspect.isclass)
        if getattr(error, "sqlstate", None)
    }.items()
)
OURS = {
    "01",
    "02",
    "03",
    "09",
    "0A",
    "0B",
    "0F",
    "0L",
    "0P",
    "0Z",
    "20",
    "21",
    "22",
    "23",
    "24",
    "25",
    "26",
    "27",
}
OURS |= {
    "10",
    "72",
    "2B",
    "2D",
    "2F",
    "34",
    "38",
    "39",
    "3B",
    "3F",
    "42",
    "44",
    "54",
    "55",
    "F0",
    "HV",
    "P0",
    "XX",
}
PASSES = {"08", "28", "3D", "40", "53", "57", "58"}
PASSES_ALL_THE_SAME = {"25006", "25P03", "25P04", "55P03"}


def raised(error, *, invalidated=False):
    """The driver's error, wrapped like SQLAlchemy's."""
    translated = DBAPI.Error(str(error), error)
    translated.__cause__ = error
    return DBAPIError("SELECT 1", {}, translated, connection_invalidated=invalidated)


@pytest.mark.parametrize(("state", "error"), KNOWN, ids=[state for state, _ in KNOWN])
def test_every_state_is_one_or_the_other(state, error):
    assert (state[:2] in OURS) is not (state[:2] in PASSES)
    expected = state[:2] in PASSES or state in PASSES_ALL_THE_SAME
    if error is asyncpg.InvalidCachedStatementError:
        expected = True
    assert database_trouble.passes(raised(error("x"))) is expected


def test_there_are_states_to_judge():
    assert len(KNOWN) > 200


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (raised(asyncpg.DataError("invalid input for query argument $1")), False),
        (raised(asyncpg.InterfaceError("another operation is in progress")), False),
        (raised(asyncpg.InterfaceError("another operation is in progress"), invalidated=True), True),
        (raised(asyncpg.InterfaceError("cannot call Connection.fetch(): connection is closed")), True),
        (raised(asyncpg.ConnectionDoesNotExistError("connection was closed in the middle")), True),
        (raised(asyncpg.InternalClientError("got result for unknown protocol state 3")), True),
        (raised(asyncpg.InvalidCachedStatementError("cached statement plan is invalid")), True),
        (PoolTimeoutError(), True),
        (TimeoutError(), True),
        (ConnectionRefusedError(111, "refused"), True),
        (OSError("Multiple exceptions: [Errno 111], [Errno 113]"), True),
        (ssl.SSLError("handshake"), True),
        (FileNotFoundError(2, "a file of ours"), False),
        (PermissionError(13, "a file of ours"), False),
        (ValueError(), False),
        (KeyError(), False),
    ],
)
def test_what_has_no_state_is_judged_by_what_it_is(error, expected):
    assert database_trouble.passes(error) is expected


@pytest.mark.parametrize(
    ("error", "level", "said"),
    [
        (raised(asyncpg.UndefinedTableError("roadmaps")), logging.ERROR, "not done: DBAPIError 42P01"),
        (raised(asyncpg.TooManyConnectionsError("sorry")), logging.WARNING, "not done: DBAPIError 53300"),
        (
            raised(asyncpg.InvalidPasswordError("p")),
            logging.ERROR,
            "the database refuses us, check DATABASE_URL",
        ),
        (TimeoutError(), logging.WARNING, "not done: TimeoutError"),
    ],
)
def test_what_is_ours_is_told_with_its_traceback(caplog, error, level, said):
    database_trouble.tell(logging.getLogger("x"), "not done", error)
    (record,) = caplog.records
    assert (record.levelno, said in record.message) == (level, True)
    assert bool(record.exc_info) is not database_trouble.passes(error)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (raised(asyncpg.UndefinedTableError("no such table")), Kind.INTERNAL),
        (raised(asyncpg.NotNullViolationError("null")), Kind.INTERNAL),
        (raised(asyncpg.InvalidTextRepresentationError("x")), Kind.INTERNAL),
        (raised(asyncpg.DataError("invalid input")), Kind.INTERNAL),
        (FileNotFoundError("x"), Kind.INTERNAL),
        (raised(asyncpg.QueryCanceledError("statement timeout")), Kind.UNAVAILABLE),
        (raised(asyncpg.DeadlockDetectedError("x")), Kind.UNAVAILABLE),
        (raised(asyncpg.DiskFullError("x")), Kind.UNAVAILABLE),
        (raised(asyncpg.InterfaceError("x"), invalidated=True), Kind.UNAVAILABLE),
        (TimeoutError(), Kind.UNAVAILABLE),
    ],
)
async def test_a_route_answers_500_with_a_traceback_or_503_with_a_line(
    api, app, signed_in, caplog, error, kind
):
    async def fails():
        raise error

    app.dependency_overrides[dependencies.current_user] = fails
    response = await api.get("/api/v1/roadmaps", headers=signed_in)
    assert (response.status_code, response.json()["type"]) == (kind.status, kind.uri)
    traced = [record for record in caplog.records if record.exc_info]
    assert bool(traced) is (kind is Kind.INTERNAL)
    assert {record.levelno for record in traced} <= {logging.ERROR}
