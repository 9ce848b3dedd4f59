"""Addresses as deployments write them, turned into what each driver accepts."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_POSTGRES_SCHEMES = {"postgres", "postgresql", "postgresql+asyncpg"}
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
    parts = urlsplit(url)
    if parts.scheme not in _POSTGRES_SCHEMES or not parts.hostname or not parts.path.strip("/"):
        raise ValueError("must look like postgresql://user:password@host:port/database")
    query = _query(url)
    ssl = query.pop("sslmode", None) or query.pop("ssl", None)
    query.pop("channel_binding", None)  # libpq's; asyncpg negotiates it by itself
    if query:
        raise ValueError(f"has parameters that would be ignored: {', '.join(sorted(query))}")
    return _with_query(url, "postgresql+asyncpg", {"ssl": ssl} if ssl else {})


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
    parts = urlsplit(url)
    if parts.scheme not in {"redis", "rediss"} or not parts.hostname:
        raise ValueError("must look like redis://host:port or rediss://:password@host:port")
    query = _query(url)
    if parts.scheme == "rediss":
        written = query.get("ssl_cert_reqs", "required")
        if written.lower() not in _REDIS_VERIFICATION:
            raise ValueError("has an unknown ssl_cert_reqs: use required")
        query["ssl_cert_reqs"] = _REDIS_VERIFICATION[written.lower()]
    return _with_query(url, parts.scheme, query)


def verifies_tls(redis_url: str) -> bool:
    """Whether a normalised Redis address verifies the certificate and whose it is, or needs none because it is plain."""
    query = _query(redis_url)
    named = query.get("ssl_check_hostname", "true").lower() in {"true", "1", "yes"}
    return not redis_url.startswith("rediss:") or (query.get("ssl_cert_reqs") == "required" and named)
