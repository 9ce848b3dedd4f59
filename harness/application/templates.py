"""Fills in the templates of a declaration: `{postgres:SCHEME}`, `{redis/1}`, `{server:NAME}`, `{provider:NAME}`, `{secret}`, `{port}` and the like."""

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from harness.application.environment import Addresses
from harness.application.error import DeclarationError
from harness.application.server import POSTGRES, REDIS

USUAL_SCHEME = "postgresql"


class _Database:
    """PostgreSQL's address, whole or in parts.

    Args:
        url: of the database.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._rest = url.partition("://")[2]
        self.host, self.port = parts.hostname or "", str(parts.port or "")
        self.user, self.password = parts.username or "", parts.password or ""
        self.database = parts.path.lstrip("/")

    def __format__(self, scheme: str) -> str:
        return f"{scheme or USUAL_SCHEME}://{self._rest}"


@dataclass(frozen=True, slots=True)
class _Named:
    """Values that are chosen by name.

    Args:
        kind: what they are, for messages.
        values: by name.
        usual: the name that counts where a template gives none.
    """

    kind: str
    values: Mapping[str, str]
    usual: str = ""

    def __format__(self, name: str) -> str:
        try:
            return self.values[name or self.usual]
        except KeyError:
            known = ", ".join(self.values) or "none"
            raise DeclarationError(f"there is no {self.kind} {name!r}; there are: {known}") from None


class _Formatter(string.Formatter):
    """Understands `{redis/1}`, and quotes a field that it does not know."""

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        server, slash, number = field_name.partition("/")
        if server == REDIS and slash and number.isdigit() and server in kwargs:
            return numbered(kwargs[REDIS], int(number)), REDIS
        try:
            return super().get_field(field_name, args, kwargs)
        except (KeyError, IndexError, AttributeError):
            known = ", ".join(f"{{{name}}}" for name in kwargs)
            raise DeclarationError(f"{{{field_name}}} stands for nothing here; there are: {known}") from None


def numbered(redis_url: str, number: int) -> str:
    """The address of another database of the same Redis.

    Args:
        redis_url: address of the first database that is ours.
        number: counted from it.
    """
    address, query, options = redis_url.partition("?")
    base, _, first = address.rpartition("/")
    return f"{base}/{int(first) + number}{query}{options}"


def values(at: Addresses, secrets: Mapping[str, str]) -> dict[str, Any]:
    """The names that templates of variables may use, with their values.

    Args:
        at: the addresses of the servers.
        secrets: of the stack.
    """
    return {
        POSTGRES: _Database(at.database_url),
        REDIS: at.redis_url,
        "server": _Named("server", at.servers),
        "provider": _Named("provider", at.providers),
        "secret": _Named("secret", secrets, usual="secret"),
    }


def fill(template: str, known: Mapping[str, Any]) -> str:
    """A template with everything filled in.

    Args:
        template: with names in braces.
        known: what they stand for.

    Raises:
        DeclarationError: it uses an unknown name; lists the known ones.
    """
    return _Formatter().vformat(template, (), known)
