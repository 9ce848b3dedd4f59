"""One table of a TOML file, read key by key, so that every error says where it is."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self, TypeVar

from harness.application import DeclarationError
from harness.deployment.references import did_you_mean

Value = TypeVar("Value")


class DeploymentError(DeclarationError):
    """A declaration that cannot be used, or a value that it asks for and was not given."""


class Table:
    """A table that knows which of its keys were asked for.

    Args:
        file: name of the file, for errors.
        path: of the table, for errors.
        content: the table.
    """

    def __init__(self, file: str, path: tuple[str, ...], content: dict[str, Any]) -> None:
        self.content = content
        self._file = file
        self._path = path
        self._known: dict[str, None] = {}  # in the order in which they were asked for

    @classmethod
    def of(cls, path: Path) -> Self:
        """The whole of a file.

        Raises:
            DeploymentError: it is missing, or no TOML.
        """
        try:
            return cls(path.name, (), tomllib.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise DeploymentError(f"{path} is missing") from None
        except tomllib.TOMLDecodeError as error:
            raise DeploymentError(f"{path.name} is not TOML: {error}") from None

    def error(self, key: str, problem: str) -> DeploymentError:
        table = f"[{'.'.join(self._path)}] " if self._path else ""
        return DeploymentError(f"{self._file}: {table}{key}: {problem}")

    def optional(self, key: str, kind: type[Value]) -> Value | None:
        self._known[key] = None
        value = self.content.get(key)
        if value is None or type(value) is kind:
            return value
        raise self.error(key, f"must be {_KINDS[kind]}, not {value!r}")

    def value(self, key: str, kind: type[Value]) -> Value:
        value = self.optional(key, kind)
        if value is None:
            raise self.error(key, f"is missing; it must be {_KINDS[kind]}")
        return value

    def count(self, key: str, least: int = 1) -> int:
        value = self.value(key, int)
        if value < least:
            raise self.error(key, f"must be {least} or more, not {value}")
        return value

    def table(self, key: str) -> "Table":
        return Table(self._file, (*self._path, key), self.value(key, dict))

    def tables(self, key: str | None = None) -> Iterable[tuple[str, "Table"]]:
        parent = self.table(key) if key else self
        return ((name, parent.table(name)) for name in parent.content)

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.optional(key, list) or []
        for value in values:
            if type(value) is not str:
                raise self.error(key, f"must hold strings, not {value!r}")
        return tuple(values)

    def strings(self, key: str) -> dict[str, str]:
        table = Table(self._file, (*self._path, key), self.optional(key, dict) or {})
        return {name: table.value(name, str) for name in table.content}

    def refuse_others(self) -> None:
        """Refuse the keys that nobody asked for.

        Raises:
            DeploymentError: there is one; says what was probably meant.
        """
        for key in self.content:
            if key not in self._known:
                raise self.error(key, f"is unknown; {did_you_mean(key, self._known)}")


_KINDS = {str: "a string", int: "a whole number", list: "a list", dict: "a table"}
