"""Addresses as deployments write them, turned into what each driver accepts."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from app.core.address import Address

_POSTGRES_SCHEMES = ("postgresql", "postgres", "postgresql+asyncpg")
_SSL_MODES = {
    "disable",
    "allow",
    "prefer",
    "require",
    "verify-ca",
    "verify-full",
}  # libpq's; asyncpg takes them all
_REDIS_SCHEMES = ("rediss", "redis")
_REDIS_PARAMETERS = {"ssl_cert_reqs", "ssl_check_hostname", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile"}
_ANY_FAMILY = "0"  # IPv4 or IPv6, which Railway recommends to some clients: ours take either, and kombu not the parameter
_REDIS_VERIFICATION = {
    "required": "required",
    "optional": "optional",
    "none": "none",
    "cert_required": "required",
    "cert_optional": "optional",
    "cert_none": "none",
}


def _with_query(url: str, scheme: str, query: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    return urlunsplit((scheme, parts.netloc, parts.path, urlencode(query, safe="/"), ""))


def _query(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def normalise_database_url(url: str) -> str:
    """The URL for SQLAlchemy's asyncpg dialect.

    Railway writes `postgresql://` (or `postgres://`), sometimes with libpq's `sslmode`; SQLAlchemy would pick another
    driver for the first and asyncpg refuses the second.

    Raises:
        ValueError: it is not a PostgreSQL address, or has a parameter that would be ignored.
    """
    address = Address.parse(url, *_POSTGRES_SCHEMES)
    name = address.path.removeprefix("/")
    if not name or "/" in name:
        raise ValueError("it names no database: write its name behind host and port, such as /railway")
    query = dict(address.query)
    named = [query.pop(word) for word in ("sslmode", "ssl") if word in query]
    query.pop("channel_binding", None)  # libpq's; asyncpg negotiates it by itself
    if query:
        raise ValueError(
            f"it has parameters that would be ignored, {', '.join(sorted(query))}: leave out all but sslmode"
        )
    if len(named) > 1 or not {*named} <= _SSL_MODES:
        raise ValueError(f"it has an unknown sslmode: use one of {', '.join(sorted(_SSL_MODES))}")
    return urlunsplit(
        (
            "postgresql+asyncpg",
            address.netloc,
            address.path,
            urlencode({"ssl": named[0]} if named else {}),
            "",
        )
    )


def driver_dsn(database_url: str) -> str:
    """The same normalised address for asyncpg itself, which spells TLS as libpq does."""
    query = _query(database_url)
    return _with_query(database_url, "postgresql", {"sslmode": query["ssl"]} if "ssl" in query else {})


def normalise_redis_url(url: str) -> str:
    """The URL for kombu and redis-py alike.

    A bare `rediss://` verifies nothing in kombu, so verification is written into it; both accept only the lower-case
    names. Railway's own Redis is plain `redis://` on a private network.

    Raises:
        ValueError: it is not a Redis address, or its ssl_cert_reqs is none of the three values.
    """
    address = Address.parse(url, *_REDIS_SCHEMES)
    database = address.path.removeprefix("/")
    if database and not (database.isascii() and database.isdigit()):
        raise ValueError(
            "it has a database that is no number: write such as /0 behind host and port, or nothing"
        )
    query = dict(address.query)
    if query.get("family") == _ANY_FAMILY:
        del query["family"]
    if not set(query) <= _REDIS_PARAMETERS:
        raise ValueError(
            f"it has a parameter that not every client takes: leave out all but {', '.join(sorted(_REDIS_PARAMETERS))}"
        )
    if address.scheme == "rediss":
        written = query.get("ssl_cert_reqs", "required")
        if written.lower() not in _REDIS_VERIFICATION:
            raise ValueError("it has an unknown ssl_cert_reqs: use required")
        query["ssl_cert_reqs"] = _REDIS_VERIFICATION[written.lower()]
    return urlunsplit((address.scheme, address.netloc, address.path, urlencode(query, safe="/"), ""))


def verifies_tls(redis_url: str) -> bool:
    """Whether a normalised Redis address verifies the certificate and whose it is, or needs none because it is plain."""
    query = _query(redis_url)
    named = query.get("ssl_check_hostname", "true").lower() in {"true", "1", "yes"}
    return not redis_url.startswith("rediss:") or (query.get("ssl_cert_reqs") == "required" and named)
