"""Says why PostgreSQL refuses us, in words for the operator, and whether waiting may help.

Uses asyncpg alone, like everything that runs at each role's start. The driver's own sentences are not repeated: most name the user.
"""

import re
import socket
import ssl

import asyncpg

# The form of an SQLSTATE (SQL, part 2, section 24.1); any other text is not repeated.
STATE = re.compile(r"[0-9A-Z]{5}")
LIMITED = "is too old for this program, or something else than PostgreSQL: name another one"
STRANGER = "is none: something else than PostgreSQL answers at its host and port"
TURNED_AWAY = (
    "turns us away without a reason that could be told here: see to its log, and to this code in PostgreSQL's"
    " appendix A"
)
REFUSES = (
    "refuses a step of its preparation, as what a revision makes of rows that do not fit: its log has the statement, and"
    " PostgreSQL's appendix A this code"
)
BROKEN = "broke the connection off"
CLOSED = ("connection is closed", "connection was closed")  # asyncpg's words for one that broke under it
# By SQLSTATE (PostgreSQL, appendix A): the whole code, else its class, the first two characters.
POOLER = "unsupported startup parameter"  # PgBouncer's own words
DROPS = (
    "drops what a session sets, as PgBouncer and other poolers do: name PostgreSQL's own address, without a pooler;"
    " every process has a pool of its own"
)
FINAL = {
    "0A": LIMITED,
    "42601": LIMITED,
    "42704": LIMITED,
    "42883": LIMITED,
    "28P01": "refuses the user or its password: correct them",
    "28": "does not let this user in from here: see to its LOGIN and to pg_hba.conf",
    "3D": "is not there under this name: correct the name, or create it",
    "3F": "has no schema that this user's tables could be in: see to search_path",
    "42501": "denies this user what it needs: grant CONNECT on the database, and USAGE and CREATE on its schema",
    "42P07": "holds tables of these names and no record of who made them: name a database of its own",
    "42710": "holds objects of these names and no record of who made them: name a database of its own",
    "26000": DROPS,  # a prepared statement
    "42P05": DROPS,
    "55000": "takes no connections: name another database, not a template",
    "XX000": "refuses us without saying why, as poolers do where they know no such user: see to user and host",
    "42P01": "lacks tables that its alembic_version says are there: restore it, or name an empty database",
}
PASSING = {
    "08": BROKEN,
    "53300": "has too many connections already",
    "53100": "has no disk left",
    "53": "has no room left",
    "57P03": "is starting up, ending or in recovery",
    "57": "is ending, or cancels what is asked of it",
    "58": "has trouble with its own files",
    "25P03": "ended a transaction that stood still for too long",
    "25P04": "ended a transaction that took too long",
    "40": "let another transaction win",
    "55P03": "has a table that somebody holds locked",
    "25006": "only reads: it is a standby, in recovery, or its disk is full",
}


def sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's code for an error, even if SQLAlchemy wraps it; None if it has none."""
    found: str | None = getattr(getattr(error, "orig", error), "sqlstate", None)
    return found if found and STATE.fullmatch(found) else None


def drivers(error: BaseException) -> BaseException:
    """The driver's error, even if SQLAlchemy wraps it twice."""
    return getattr(getattr(error, "orig", None), "__cause__", None) or error


def final(error: BaseException) -> str:
    """What is wrong if waiting will not help, to follow the words "the database"; empty for any other error.

    Args:
        error: that came of connecting, or of what a role does before it starts.
    """
    state, error = sqlstate(error), drivers(error)
    if state:
        return DROPS if POOLER in str(error) else _listed(state, FINAL)
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            "has a certificate that is not trusted: check the host's name, or name the authority by sslrootcert"
            " or DATABASE_CA_CERTIFICATE"
        )
    if "rejected SSL upgrade" in str(error):  # asyncpg's words, for a ConnectionError
        return (
            "speaks no TLS, or is something else than PostgreSQL: leave sslmode out, or correct host and port"
        )
    if "Authentication method" in (said := str(error)) or "authentication method" in said:  # asyncpg's words
        return "wants us to prove who we are in a way that asyncpg does not know: choose scram-sha-256 in pg_hba.conf"
    if isinstance(error, (asyncpg.InternalClientError, asyncpg.InterfaceError)) and not _is_closed(error):
        return STRANGER
    return ""


def turned_away(error: BaseException) -> str:
    """What is wrong if a first query failed and waiting will not help; empty if it may.

    Every answer of whatever server gets a sentence: we have done nothing yet, so it cannot be our own fault.

    Args:
        error: that came of connecting, or of asking what a database is.
    """
    if passing(error):
        return ""
    return final(error) or (TURNED_AWAY if isinstance(error, asyncpg.PostgresError) else STRANGER)


def refused(error: BaseException) -> str:
    """What is wrong if the server refuses a role's preparation, whatever its code; empty for our own bug.

    Args:
        error: for which both `passing` and `final` are empty.
    """
    return REFUSES if sqlstate(error) else ""


def passing(error: BaseException) -> str:
    """What is wrong if it passes, so that a later try may succeed; empty for any other error.

    Args:
        error: that came of connecting, or of what a role does before it starts.
    """
    if final(error):
        return ""
    state = sqlstate(error)
    if state:
        words = _listed(state, PASSING)
        return f"{words} ({state})" if words else ""
    error = drivers(error)
    if _is_closed(error):
        return BROKEN
    if isinstance(error, socket.gaierror):
        return "has a host whose name is not known"
    if isinstance(error, ConnectionRefusedError):
        return "is not there: nothing listens at its host and port"
    return f"does not answer ({type(error).__name__})" if isinstance(error, (OSError, TimeoutError)) else ""


def _is_closed(error: BaseException) -> bool:
    return isinstance(error, asyncpg.InterfaceError) and any(words in str(error) for words in CLOSED)


def _listed(state: str, table: dict[str, str]) -> str:
    return table.get(state) or table.get(state[:2], "")
