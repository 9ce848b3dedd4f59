"""Tells an absent database from our own error: the first passes and is a 503, the second is a bug and is logged with its traceback."""

import logging
from collections.abc import Container

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.core.database_door import CLOSED, PASSING, drivers, sqlstate

# Any other error that does not pass is ours: a wrong value, statement, table or constraint.
REFUSES_US = {"28", "3D"}  # the user or its password, the name of the database: DATABASE_URL is wrong
# asyncpg's errors without an SQLSTATE for a broken connection, and its error for a plan that a migration has made invalid.
_DRIVER = (asyncpg.InternalClientError, asyncpg.InvalidCachedStatementError)
_FILES = (FileNotFoundError, FileExistsError, PermissionError, IsADirectoryError, NotADirectoryError)


def passes(error: BaseException) -> bool:
    """Whether the database or the network failed, so that the same may succeed later.

    Args:
        error: raised by the use of the database.
    """
    if isinstance(error, DBAPIError):
        state = sqlstate(error)
        if error.connection_invalidated or state is None:
            return error.connection_invalidated or _driver_lost_it(error)
        return _listed(state, PASSING) or _listed(state, REFUSES_US) or _driver_lost_it(error)
    return isinstance(error, (PoolTimeoutError, OSError)) and not isinstance(error, _FILES)


def tell(log: logging.Logger, what: str, error: BaseException) -> None:
    """Log what was not done: one line if the trouble passes, else an error with its traceback.

    Args:
        log: of the module that could not do it.
        what: what was not done.
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


def _listed(state: str, table: Container[str]) -> bool:
    return state in table or state[:2] in table


def _driver_lost_it(error: DBAPIError) -> bool:
    return isinstance(drivers(error), _DRIVER) or any(words in str(error.orig) for words in CLOSED)
