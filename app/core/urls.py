"""Addresses as deployments write them, turned into what each driver accepts."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from app.core.address import Address, is_private, part_at, whole_number

_POSTGRES_SCHEMES = ("postgresql", "postgres", "postgresql+asyncpg")
# The modes of libpq; asyncpg accepts all of them.
_SSL_MODES = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}
SYSTEM = "system"  # the value of sslrootcert for the authorities that this machine trusts, as in libpq
_PARAMETER = re.compile(r"[a-z_]+")  # the form of libpq's parameters; a secret hardly ever has it
_REDIS_SCHEMES = ("rediss", "redis")
MOST_DATABASE = 999  # a server has 16, unless it is told otherwise
_REDIS_PARAMETERS = {"ssl_cert_reqs", "ssl_check_hostname", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile"}
_ANY_FAMILY = "0"  # IPv4 or IPv6; Railway recommends it for some clients. Ours use both anyway, and kombu refuses the parameter
_SWITCH = {
    **dict.fromkeys(("true", "1", "yes", "on"), "true"),
    **dict.fromkeys(("false", "0", "no", "off"), "false"),
}  # kombu takes all but `false` for true, redis-py also `0` and `no` for false
_REDIS_VERIFICATION = {
    "required": "required",
    "optional": "optional",
    "none": "none",
    "cert_required": "required",
    "cert_optional": "optional",
    "cert_none": "none",
}


def _query(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def normalise_database_url(url: str) -> str:
    """The URL for SQLAlchemy's asyncpg dialect.

    Railway writes `postgresql://` (or `postgres://`), sometimes with libpq's `sslmode`; SQLAlchemy would pick another
    driver for the first and asyncpg refuses the second.

    Raises:
        ValueError: it is not a PostgreSQL address, or has a parameter that asyncpg would ignore.
    """
    address = Address.parse(url, *_POSTGRES_SCHEMES)
    name = address.path.removeprefix("/")
    if not unquote(name).strip() or "/" in name:
        raise ValueError("it names no database: write its name behind host and port, such as /railway")
    if "%" in name:
        raise ValueError(
            "it has an escape in the name of its database, which not every library undoes: "
            "name one of letters, digits, hyphens and underscores"
        )
    query = dict(address.query)
    named = [query.pop(word) for word in ("sslmode", "ssl") if word in query]
    authority = query.pop("sslrootcert", None)
    query.pop("channel_binding", None)  # a parameter of libpq; asyncpg negotiates it by itself
    if query:
        names = ", ".join(sorted(name for name in query if _PARAMETER.fullmatch(name)))
        raise ValueError(
            f"it has parameters that would be ignored{names and f', {names}'}: leave out all but sslmode and sslrootcert"
        )
    if len(named) > 1 or not {*named} <= _SSL_MODES:
        raise ValueError(f"it has an unknown sslmode: use one of {', '.join(sorted(_SSL_MODES))}")
    tls = {"ssl": named[0]} if named else {}
    if authority is not None:
        if not authority.strip():
            raise ValueError(
                "it has a parameter sslrootcert that names no file: write its path, or leave it out"
            )
        if not (named and named[0].startswith("verify-")):
            raise ValueError("it has a sslrootcert that nothing is verified with: add sslmode=verify-full")
        tls["sslrootcert"] = authority
    if not address.user:
        raise ValueError(
            "it names no user, and whoever a process happens to run as would be taken: "
            "write user:password@ before its host"
        )
    return urlunsplit(("postgresql+asyncpg", address.netloc, address.path, urlencode(tls, safe="/"), ""))


def driver_dsn(database_url: str) -> str:
    """The normalised address in asyncpg's own form, which has libpq's names for TLS."""
    query = {"sslmode" if name == "ssl" else name: value for name, value in _query(database_url).items()}
    return urlunsplit(urlsplit(database_url)._replace(scheme="postgresql", query=urlencode(query, safe="/")))


def proves_who_answers(database_url: str) -> bool:
    """Whether a normalised PostgreSQL address verifies the certificate and its host, or leads into a private network.

    libpq's other modes, including its default, let a man in the middle read everything (PostgreSQL, "Protection Provided in Different
    Modes").
    """
    parts = urlsplit(database_url)
    return _query(database_url).get("ssl") == "verify-full" or is_private(parts.hostname or "")


def normalise_redis_url(url: str) -> str:
    """The URL for kombu and redis-py alike.

    kombu verifies nothing for a bare `rediss://`, so this adds the parameter for it; both clients accept only the lower-case names.
    Railway's own Redis is plain `redis://` on a private network.

    Raises:
        ValueError: it is not a Redis address, or has a parameter that the clients do not treat alike.
    """
    if ";" in url:
        raise ValueError(
            f"it has a ; in its {part_at(url, url.index(';'))}, where Celery would cut it in two: "
            "write %3B for one in a password"
        )
    address = Address.parse(url, *_REDIS_SCHEMES)
    database = address.path.removeprefix("/")
    if database and whole_number(database, MOST_DATABASE) > MOST_DATABASE:
        raise ValueError(
            f"it has a database that is no number from 0 to {MOST_DATABASE}: "
            "write such as /0 behind host and port, or nothing"
        )
    query = dict(address.query)
    if query.get("family") == _ANY_FAMILY:
        del query["family"]
    if not set(query) <= _REDIS_PARAMETERS:
        raise ValueError(
            f"it has a parameter that not every client takes: leave out all but {', '.join(sorted(_REDIS_PARAMETERS))}"
        )
    if address.scheme == "rediss":
        query = _tls(query)
    elif query:
        raise ValueError(
            "it has parameters of TLS and begins with redis://, which speaks none: leave them out, or write rediss://"
        )
    return urlunsplit((address.scheme, address.netloc, address.path, urlencode(query, safe="/"), ""))


def _tls(query: Mapping[str, str]) -> dict[str, str]:
    """The TLS parameters in the spelling that all clients treat alike."""
    found = {**query}
    for name in ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile"):
        if not found.get(name, name).strip():
            raise ValueError(f"it has a parameter {name} that names no file: write its path, or leave it out")
    verification = _REDIS_VERIFICATION.get(found.get("ssl_cert_reqs", "required").lower())
    if verification is None:
        raise ValueError("it has an unknown ssl_cert_reqs: use required")
    found["ssl_cert_reqs"] = verification
    if "ssl_check_hostname" in found:
        switch = _SWITCH.get(found["ssl_check_hostname"].lower())
        if switch is None:
            raise ValueError("it has a ssl_check_hostname that is neither true nor false: leave it out")
        found["ssl_check_hostname"] = switch
    return found


def verifies_tls(redis_url: str) -> bool:
    """Whether a normalised Redis address verifies the certificate and its host, or is plain and leads into a private network."""
    if not redis_url.startswith("rediss:"):
        return is_private(urlsplit(redis_url).hostname or "")
    query = _query(redis_url)
    named = query.get("ssl_check_hostname", "true") == "true"
    return query.get("ssl_cert_reqs") == "required" and named
