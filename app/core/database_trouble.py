"""Whether an error is the database's being away, or one of ours: the first passes and is a 503, the second is a bug and shows its traceback."""

import logging

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

# By SQLSTATE (PostgreSQL, appendix A): its class, of two characters, or the whole of it. Whatever is not here is an error of
# ours: a value, a statement, a table or a constraint that somebody of us got wrong.
PASSES = {
    "08": "the connection broke",
    "40": "it lost against another transaction: a deadlock, a serialization failure",
    "53": "the server has no room: connections, memory, disk",
    "57": "the server ends, starts, or was told to cancel: a statement's time-out too",
    "58": "the server's own files",
    "55P03": "a lock was not to be had in time",
    "25006": "the server only reads: a standby, or one whose disk is full",
    "25P03": "a transaction stood still for too long",
    "25P04": "a transaction took too long",
}
REFUSES_US = {"28": "the user or its password", "3D": "the name of the database"}  # DATABASE_URL is wrong
# asyncpg's own words for a connection that broke under it, which have no SQLSTATE, and for a plan that a migration has made void.
_DRIVER = (asyncpg.InternalClientError, asyncpg.InvalidCachedStatementError)
_CLOSED = ("connection is closed", "connection was closed")
_FILES = (FileNotFoundError, FileExistsError, PermissionError, IsADirectoryError, NotADirectoryError)


def passes(error: BaseException) -> bool:
    """Whether the database, or the way to it, is what failed: asked again later, the same may succeed.

    Args:
        error: that came of using the database.
    """
    if isinstance(error, DBAPIError):
        state = sqlstate(error)
        if error.connection_invalidated or state is None:
            return error.connection_invalidated or _driver_lost_it(error)
        return _listed(state, PASSES) or _listed(state, REFUSES_US) or _driver_lost_it(error)
    return isinstance(error, (PoolTimeoutError, OSError)) and not isinstance(error, _FILES)


def sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's own code for what went wrong; None where it did not come from there."""
    found: str | None = getattr(getattr(error, "orig", error), "sqlstate", None)
    return found


def tell(log: logging.Logger, what: str, error: BaseException) -> None:
    """Say what was not done: in a line where it passes, else as an error with its traceback.

    Args:
        log: of who could not do it.
        what: was not done.
        error: why.
    """
    state = sqlstate(error)
    named = f"{type(error).__name__} {state}" if state else type(error).__name__
    if not passes(error):
        log.error("%s: %s", what, named, exc_info=error)
    elif state and _listed(state, REFUSES_US):
        log.error("%s: %s: the database refuses us, check DATABASE_URL", what, named)
    else:
        log.warning("%s: %s", what, named)


def _listed(state: str, table: dict[str, str]) -> bool:
    return state in table or state[:2] in table


def _driver_lost_it(error: DBAPIError) -> bool:
    cause = getattr(error.orig, "__cause__", None)
    return isinstance(cause, _DRIVER) or any(words in str(error.orig) for words in _CLOSED)
