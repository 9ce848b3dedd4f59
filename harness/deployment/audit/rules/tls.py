"""All traffic that leaves the private network is encrypted, and the certificate is checked."""

from collections.abc import Iterator
from urllib.parse import SplitResult, parse_qs, urlsplit

from harness.deployment.audit.flaw import Flaw
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.rules.origin import by_origin, place_of
from harness.deployment.audit.rules.secrets import is_shown
from harness.deployment.audit.subject import Subject

UNENCRYPTED = {"http", "redis", "ws", "amqp"}
POSTGRES = {"postgres", "postgresql"}
MODES = ("sslmode", "ssl")  # libpq's name of the option, and that of SQLAlchemy's asyncpg dialect
VERIFIED = "verify-full"  # the one mode that proves who answers (PostgreSQL, "SSL Support", Protection Provided in Different Modes)


def _hosts(parts: SplitResult) -> list[str]:
    """Every server that an address names: PostgreSQL accepts several, and also one as an option."""
    asked = parse_qs(parts.query)
    options = [
        host for name in ("host", "hostaddr") for value in asked.get(name, ()) for host in value.split(",")
    ]
    place = parts.netloc.rpartition("@")[2]
    named = (
        [urlsplit(f"//{one}").hostname or "" for one in place.split(",")]
        if "," in place
        else [parts.hostname or ""]
    )
    return [host for host in (*named, *options) if host]


def _problem(subject: Subject, value: str) -> tuple[str, str] | None:
    """What is wrong with an address, and how to mend it."""
    try:
        parts = urlsplit(value)
        hosts = _hosts(parts)
    except ValueError as error:
        return f"is no address: {error}", "correct it"
    # A host that begins with a slash is the folder of a socket.
    away = [host for host in hosts if not host.startswith("/") and not subject.program.private(host)]
    scheme = parts.scheme.partition("+")[0]
    if not away:
        return (
            (f"is no address: {scheme} names no server", "name one")
            if scheme in UNENCRYPTED and not hosts
            else None
        )
    if scheme in UNENCRYPTED:
        return f"speaks {scheme} to {away[0]}, unencrypted", f"use {scheme}s, or a private address"
    if scheme == "rediss" and not subject.program.verifies(value):
        return (
            "turns the verification of Redis' certificate off",
            "leave ssl_cert_reqs out, or set it to required",
        )
    if scheme in POSTGRES:
        options = parse_qs(parts.query)
        modes = [mode for name in MODES for mode in options.get(name, ())]
        if modes != [VERIFIED]:
            said = (
                f"has sslmode={modes[0]}" if modes else "asks for no verification of the server's certificate"
            )
            return (
                f"{said}, and reaches {away[0]} over the internet",
                f"a private address, or sslmode={VERIFIED}",
            )
    return None


def unprotected(subject: Subject) -> dict[tuple[str, str], Flaw]:
    """Service and variable -> what is wrong, for each address that is not protected. Another rule reports shown secrets."""
    found = {}
    for service in subject.services:
        invalid = subject.problems(service)
        for variable, value in subject.values(service).items():
            source = subject.source(service.name, variable) or ""
            if "://" not in value or variable in invalid or is_shown(subject, variable, source):
                continue
            if problem := _problem(subject, value):
                found[service.name, variable] = Flaw(subject.place(service, variable), *problem)
    return found


def _judge(subject: Subject) -> Iterator[Flaw]:
    told = {name: (flaw.what, flaw.fix) for name, flaw in unprotected(subject).items()}
    for name, (what, fix) in by_origin(subject, told).items():
        yield Flaw(place_of(subject, *name), what, fix)


TLS = Rule(
    name="tls",
    states="what leaves the private network is encrypted, and its certificate is verified",
    why="an unverified certificate is no protection: whoever sits in between reads the password and every task",
    judge=_judge,
)
