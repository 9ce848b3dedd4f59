"""How every role opens a session of PostgreSQL: its address, its TLS, and its own limits.

asyncpg reads a certificate authority only from a file in the user's home, or from an SSL context.
"""

import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from app.core.settings import Settings
from app.core.unusable import UnusableError
from app.core.urls import SYSTEM

CONNECT_TIMEOUT_SECONDS = 5
SERVER_SETTINGS = {
    "statement_timeout": "8000",
    "lock_timeout": "3000",
    "idle_in_transaction_session_timeout": "15000",
}  # milliseconds


@dataclass(frozen=True, slots=True)
class Way:
    """The way to the database.

    Args:
        address: for SQLAlchemy, without the parameters of TLS.
        tls: libpq's mode, or a context if the certificate is verified; None for the driver's own default.
    """

    address: str
    tls: ssl.SSLContext | Any


def way(settings: Settings) -> Way:
    """The way that the settings name.

    Args:
        settings: with DATABASE_URL and DATABASE_CA_CERTIFICATE.

    Raises:
        UnusableError: the authority's file is no certificate.
    """
    parts = urlsplit(settings.database_url)
    query = dict(parse_qsl(parts.query))
    mode, authority = query.pop("ssl", None), query.pop("sslrootcert", SYSTEM)
    address = urlunsplit(parts._replace(query=urlencode(query, safe="/")))
    if mode is None or not mode.startswith("verify-"):
        return Way(address, mode)
    context = _context(authority, settings.database_ca_certificate)
    context.check_hostname = mode == "verify-full"
    return Way(address, context)


def _context(file: str, certificate: str) -> ssl.SSLContext:
    if certificate:
        return ssl.create_default_context(cadata=certificate)
    if file == SYSTEM:
        return ssl.create_default_context()
    try:
        return ssl.create_default_context(cafile=file)
    except OSError:  # includes ssl.SSLError
        raise UnusableError(
            "DATABASE_URL names a file by sslrootcert that is no certificate, or is not there: put it into the image,"
            " or give its content as DATABASE_CA_CERTIFICATE"
        ) from None
