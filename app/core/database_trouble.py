"""Whether an error is the database's being away, or one of ours: the first passes and is a 503, the second is a bug and shows its traceback."""

import logging
from collections.abc import Container

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.core.database_door import CLOSED, PASSING, drivers, sqlstate

# Whatever is neither here nor passes is an error of ours: a value, a statement, a table or a constraint that somebody of us got wrong.
REFUSES_US = {"28", "3D"}  # the user or its password, the name of the database: DATABASE_URL is wrong
# asyncpg's own errors for a connection that broke under it, which have no SQLSTATE, and for a plan that a migration has made void.
_DRIVER = (asyncpg.InternalClientError, asyncpg.InvalidCachedStatementError)
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
        return _listed(state, PASSING) or _listed(state, REFUSES_US) or _driver_lost_it(error)
    return isinstance(error, (PoolTimeoutError, OSError)) and not isinstance(error, _FILES)


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


def _listed(state: str, table: Container[str]) -> bool:
    return state in table or state[:2] in table


def _driver_lost_it(error: DBAPIError) -> bool:
    return isinstance(drivers(error), _DRIVER) or any(words in str(error.orig) for words in CLOSED)
