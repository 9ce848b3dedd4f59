"""An application that is declared by templates reaches only the servers of its own run; an address of another server is refused.

Each template is filled in with addresses of a host that cannot exist. An address with another host was therefore written in the
declaration and means another server. It is refused before anything starts.
"""

import ast
import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urlsplit

from harness.application.app import App
from harness.application.dotenv import variables_of
from harness.application.environment import Addresses
from harness.application.error import DeclarationError
from harness.application.templates import fill, values

OURS = "harness.invalid"  # RFC 6761, 6.4: a name that no server has
NOWHERE = (
    ".invalid",
    ".test",
    ".example",
    ".localhost",
)  # reserved likewise (RFC 6761): no server answers at these names
BIND = {"0.0.0.0", "127.0.0.1", "::", "::1", "localhost"}  # that a role may be told to listen on
URL = re.compile(r"[a-z][a-z0-9+.-]*:/{2,3}[^\s'\"<>,;|]*", re.IGNORECASE)
DSN = re.compile(r"\bhost(?:addr|name)?\s*(?:=|:\s)\s*['\"]?([^\s'\";&,}]+)", re.IGNORECASE)
# libpq looks such a name up in a file of this machine, which says the host.
SERVICE = re.compile(r"\bservice\s*=\s*[^\s&]+")
NO_SCHEME = re.compile(r"(?<![\w./:-])//[^\s/'\"<>,;]+")
PAIR = re.compile(r"(?<![\w.:/@-])(?!\d+:)([A-Za-z0-9](?:[\w.-]*\w)?|\[[0-9a-fA-F:]+\]):(\d{2,5})(?![\w.:])")
IP = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])|\[[0-9a-fA-F]*:[0-9a-fA-F:]+\]")
NAME = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*\.?"
)
TOP = re.compile(
    r"\.(?:com|net|org|io|dev|cloud|internal|intranet|local|lan|co|ai|app|eu|de|uk|us|cn)\.?$", re.IGNORECASE
)
# A variable with such a name says where a server is; the variables below say whom a server answers, or where code is.
SERVERS = re.compile(
    r"(?:HOST|HOSTS|HOSTNAME|SERVERS?|ADDR|ADDRESS(?:ES)?|ENDPOINTS?|DSN|BROKERS?|URLS?|URI|NODES?|LOCATION|PROXY)$",
    re.IGNORECASE,
)
CLIENTS = re.compile(r"(?:^|_)(?:ALLOWED|TRUSTED|CORS|CSRF)(?:_|$)", re.IGNORECASE)
CODE = re.compile(r"(?:MODULE|APP|CLASS|BACKEND|PATH|PACKAGE)$", re.IGNORECASE)
# A library that is given no host connects to a server on this machine.
HAVE_HOSTS = re.compile(
    r"^(?:postgres|psql|pg|mysql|mariadb|redis|valkey|amqp|pyamqp|mongodb|unix|memcache|\w+\+socket)",
    re.IGNORECASE,
)
LAST_PORT = 65535
SOCKET = re.compile(r"^/.*(?:/\.s\.PGSQL|\.sock(?:et)?$|/postgresql/?$)")


# libpq finds hosts in these files, and nobody has judged those.
PG_FILE = re.compile(r"PG(?:SERVICE|SERVICEFILE|SYSCONFDIR)")
WEB = re.compile(r"https?://", re.IGNORECASE)


def inside(value: str) -> Iterator[tuple[str, str]]:
    """The texts in a value that is written as JSON, or as Python's repr() of it: each with its key.

    Args:
        value: of a variable.
    """
    if value.lstrip()[:1] not in {"{", "[", '"'}:
        return
    for read in (json.loads, ast.literal_eval):
        with contextlib.suppress(ValueError, SyntaxError, MemoryError, RecursionError):
            yield from _texts("", read(value.strip()))
            return


def _texts(key: str, found: object) -> Iterator[tuple[str, str]]:
    if isinstance(found, str):
        yield key, found
    elif isinstance(found, Mapping):
        for name, one in found.items():
            yield from _texts(str(name), one)
    elif isinstance(found, list | tuple | set):
        for one in found:
            yield from _texts(key, one)


def outside(name: str, value: str, *, bind: bool = False) -> Iterator[str]:
    """The addresses in a value that lead to servers outside the run.

    Args:
        name: of the variable; empty for a word of a command.
        value: with every template filled in.
        bind: whether an address alone may be one to listen on.
    """
    for inner, text in inside(value):
        yield from outside(inner or name, text, bind=bind)
    value = value.replace("\\/", "/")  # as JSON may write it
    if PG_FILE.fullmatch(name) and value:
        yield f"{value}, where libpq is told of servers"
    urls = [*URL.findall(value), *NO_SCHEME.findall(value)]
    if CLIENTS.search(name):
        urls = [url for url in urls if not WEB.match(url)]
        yield from (address for url in urls for address in _of_url(url))
        return
    for url in urls:
        yield from _of_url(url)
    left = NO_SCHEME.sub(" ", URL.sub(" ", value))
    if "dbname" in left:
        yield from SERVICE.findall(left)
    if SOCKET.match(left):
        yield left
    yield from (f"host={host}" for host in DSN.findall(left) if not _ours(host))
    for shown, host in _bare(name, left).items():
        if not _ours(host) and not (bind and host.strip("[]") in BIND):
            yield shown


def _of_url(url: str) -> Iterator[str]:
    parts = urlsplit(url)
    query = [*DSN.findall(unquote(parts.query)), *SERVICE.findall(unquote(parts.query))]
    try:
        host = parts.hostname or ""
    except ValueError:
        host = url
    named = [one for one in (host, *query) if one and not one.startswith("/")]
    if not named and HAVE_HOSTS.match(parts.scheme):
        yield f"{url}, which names no host, and so means this machine's own server"
    elif any(not _ours(one) for one in named):
        yield url


def _bare(name: str, text: str) -> dict[str, str]:
    """The addresses without a scheme in a value: as they are shown -> their hosts."""
    found = {match[0]: match[1] for match in PAIR.finditer(text)}
    found |= {
        match[0]: match[0] for match in IP.finditer(text) if not any(match[0] in pair for pair in found)
    }
    for alone in re.split(r"[\s,;]+", text.strip()):
        says_where = SERVERS.search(name) or (name and TOP.search(alone) and not CODE.search(name))
        if says_where and NAME.fullmatch(alone) and not _number(alone):
            found[alone] = alone
    return found


def _number(text: str) -> bool:
    """Whether it is a number such as a port, and none that means an address (inet_aton(3) takes 2130706433)."""
    digits = text.replace(".", "")
    return digits.isdigit() and int(digits) <= LAST_PORT


def refuse_outside(app: App) -> None:
    """Refuse a declaration by which a role, or a migration, could reach a server outside its run.

    Args:
        app: as it is declared. Where it makes its environment by a function of its own, that environment is not judged.

    Raises:
        DeclarationError: it could; or a template names what is not there.
    """
    if app.environment is not None:
        return
    at = Addresses(
        f"postgresql://harness:harness@{OURS}:1/harness",
        f"redis://{OURS}:1/0",
        dict.fromkeys(app.providers, f"http://{OURS}:1"),
        servers={name: server.at(f"{OURS}:1") for name, server in app.servers.items()},
    )
    known = values(at, dict.fromkeys(app.secrets(), "secret"))
    declared = {**_named(app), **app.env}
    for role in app.roles.values():
        _refuse(f"role {role.name}", {**declared, **role.env, **role.read_at_import}, known)
        filled = {"host": "127.0.0.1", "port": "1", "n": "1", "tmp": "/tmp"}  # noqa: S108 - nothing is written there
        for word in (*role.argv, *role.command, *role.forked):
            for address in outside("", _filled(f"role {role.name}", word, filled), bind=True):
                raise _refused(f"the command of role {role.name}", word, address)
    _refuse("the migration", {**(declared if not app.postgres.env else {}), **app.postgres.env}, known)
    for word in app.postgres.migration:
        for address in outside("", word, bind=True):
            raise _refused("the migration", word, address)
    _refuse("local", app.local, {}, bind=True)


def _named(app: App) -> Mapping[str, str]:
    """The variables of the file that the declaration names, with their braces escaped: they are no templates."""
    return {name: value.replace("{", "{{").replace("}", "}}") for name, value in variables_of(app).items()}


def _refuse(
    whose: str, variables: Mapping[str, str], known: Mapping[str, object], *, bind: bool = False
) -> None:
    for name, template in variables.items():
        if not isinstance(template, str):
            raise DeclarationError(
                f"{whose}: {name}={template!r} is no text, and a variable of the environment is one"
            )
        value = _filled(f"{whose}: {name}", template, known) if known else template
        for address in outside(name, value, bind=bind):
            raise _refused(f"{whose}: {name}", template, address)


def _filled(whose: str, template: str, known: Mapping[str, object]) -> str:
    try:
        return fill(template, known)
    except ValueError as error:  # a brace that is not closed
        raise DeclarationError(
            f"{whose}={template!r}: {error}; a brace that is meant is written twice"
        ) from None
    except DeclarationError as error:
        raise DeclarationError(f"{whose}={template!r}: {error}") from None


def _refused(whose: str, template: str, address: str) -> DeclarationError:
    return DeclarationError(
        f"{whose}={template!r} leads to {address}, which is no server of the run: write {{postgres}}, {{redis/0}}, "
        "{provider:NAME} or {server:NAME}; an address that is only shown to people can be one of nobody's, such as https://site.invalid"
    )


def _ours(host: str) -> bool:
    name = host.strip("[]").rstrip(".").lower()
    return name in {OURS, "nowhere"} or name.endswith(NOWHERE)
