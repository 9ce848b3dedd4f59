"""One table of a TOML file, read key by key, so that every error names its place."""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self, TypeVar

from harness.application import DeclarationError
from harness.deployment.references import did_you_mean

Value = TypeVar("Value")
HEADER = re.compile(r"\s*\[+([^\]]*)\]")
ASSIGNED = re.compile(r"([^=#]+)=")
UNSAID = re.compile(r"[\s\"']")  # quotes and spaces that may stand around the parts of a name


class DeploymentError(DeclarationError):
    """A declaration cannot be used, or lacks a value.

    Args:
        problem: with it, and where.
        file: in which it is; none where it is in no file, or the file is missing.
        line: of the file, counted from 1; 0 where no line says it.
    """

    def __init__(self, problem: str, file: Path | None = None, line: int = 0) -> None:
        self.file = file
        self.line = line
        super().__init__(problem)


def line_of(text: str, pattern: str, after: str = "") -> int:
    """The first line that matches `pattern`, after the first line that matches `after`; 0 for none.

    Args:
        text: of a file.
        pattern: of the line.
        after: of a line that comes before it.
    """
    passed = not after
    for number, line in enumerate(text.splitlines(), 1):
        if passed and re.search(pattern, line):
            return number
        passed = passed or re.search(after, line) is not None
    return 0


class Table:
    """A table that knows which of its keys were asked for.

    Args:
        file: in which it is, for errors.
        text: of the file, for errors.
        path: of the table, for errors.
        content: the table.
    """

    def __init__(self, file: Path, text: str, path: tuple[str, ...], content: dict[str, Any]) -> None:
        self.content = content
        self._file = file
        self._text = text
        self._path = path
        self._known: dict[str, None] = {}  # in the order in which they were asked for

    @classmethod
    def of(cls, path: Path) -> Self:
        """The whole of a file.

        Raises:
            DeploymentError: it is missing, or no TOML.
        """
        try:
            text = path.read_text(encoding="utf-8")
            return cls(path, text, (), tomllib.loads(text))
        except FileNotFoundError:
            raise DeploymentError(f"{path} is missing") from None
        except OSError as error:
            raise DeploymentError(f"{path.name} cannot be read: {error.strerror}", path) from None
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            raise DeploymentError(f"{path.name} is not UTF-8 in line {line}", path, line) from None
        except tomllib.TOMLDecodeError as error:
            said = re.search(r"\(at line (\d+),", str(error))
            raise DeploymentError(
                f"{path.name} is not TOML: {error}", path, int(said[1]) if said else len(text.splitlines())
            ) from None

    def error(self, key: str, problem: str) -> DeploymentError:
        table = f"[{'.'.join(self._path)}] " if self._path else ""
        return DeploymentError(f"{self._file.name}: {table}{key}: {problem}", self._file, self._line(key))

    def _line(self, key: str) -> int:
        """The line of the key, else the first line of its table; 0 where neither is there."""
        own, outer, name = ".".join(self._path), ".".join(self._path[:-1]), "".join(self._path[-1:])
        section, found = "", 0
        for number, line in enumerate(self._text.splitlines(), 1):
            if header := HEADER.match(line):
                section = UNSAID.sub("", header[1])
                if section in {own, f"{own}.{key}".lstrip(".")}:
                    found = found or number
            elif assigned := ASSIGNED.match(line):
                written = UNSAID.sub("", assigned[1])
                if (section, written) == (own, key):
                    return number
                if name and (section, written) == (outer, name):  # a table in one line
                    found = found or number
        return found

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
        return Table(self._file, self._text, (*self._path, key), self.value(key, dict))

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
        table = Table(self._file, self._text, (*self._path, key), self.optional(key, dict) or {})
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
