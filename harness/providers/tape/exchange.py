"""One recorded exchange: a readable JSON file, from which the answer is sent again byte for byte, with the same waits."""

import base64
import json
from pathlib import Path
from typing import Any

import msgspec

from harness.providers.correlation import number_in
from harness.providers.exchange import Scope

WIDTH = 4  # digits of a number in a file's name


class TapeError(ValueError):
    """The file is no exchange; says which and why."""


class Part(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A piece of an answer.

    Args:
        after: seconds since the piece before it; of the first one, since the request.
        text: of it.
        base64: instead, where it is no UTF-8.
    """

    after: float
    text: str = ""
    base64: str = ""

    @classmethod
    def of(cls, after: float, content: bytes) -> "Part":
        """Of these bytes."""
        try:
            return cls(round(after, 4), content.decode())
        except UnicodeDecodeError:
            return cls(round(after, 4), base64=base64.b64encode(content).decode())

    def content(self) -> bytes:
        """Its bytes."""
        return base64.b64decode(self.base64) if self.base64 else self.text.encode()


class Asked(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The request.

    Args:
        method: of HTTP.
        path: of the URL below the provider's address, with its query.
        headers: in lower case, without secrets.
        body: parsed JSON, or text; secrets taken out.
    """

    method: str
    path: str
    headers: dict[str, str] = {}
    body: Any = None

    @property
    def shown(self) -> str:
        """The lines that must be equal for the same answer."""
        body = json.dumps(self.body, indent=2, sort_keys=True, ensure_ascii=False)
        return f"{self.method} {self.path}\n{body}\n"


class Answered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The answer.

    Args:
        status: of HTTP.
        headers: each name and value as it came, without secrets and without those of one connection.
        parts: of the body.
    """

    status: int
    headers: list[tuple[str, str]]
    parts: list[Part]

    def body(self) -> bytes:
        """The whole of it."""
        return b"".join(part.content() for part in self.parts)


class Exchange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request and its answer."""

    asked: Asked
    answered: Answered

    def write(self, folder: Path, number: int) -> Path:
        """Write it into a file of its own.

        Args:
            folder: for it.
            number: of it, from 1.
        """
        words = "-".join(word for word in self.asked.path.partition("?")[0].split("/") if word.isidentifier())
        path = folder / f"{number:0{WIDTH}}-{self.asked.method.lower()}-{words or 'root'}.json"
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n")
        return path


def load(folder: Path) -> list[tuple[str, Exchange]]:
    """Read all recorded exchanges, by the names of their files, in order.

    Raises:
        TapeError: an exchange cannot be read, or there is none.
    """
    found = []
    for path in sorted(folder.glob("*.json"), key=lambda path: (number_of(path), path.name)):
        try:
            found.append((path.name, msgspec.json.decode(path.read_bytes(), type=Exchange)))
        except (OSError, msgspec.MsgspecError) as error:
            raise TapeError(f"{path}: {error}") from None
    if not found:
        raise TapeError(f"{folder} has no recorded exchange")
    return found


def number_of(path: Path) -> int:
    """The number in a file's name; 0 for other names."""
    return number_in(path.name.partition("-")[0]) or 0


def readable(body: bytes) -> Any:
    """A body for people: parsed JSON, else text with other bytes escaped; None where there is none."""
    if not body:
        return None
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return body.decode(errors="backslashreplace")


def target(scope: Scope) -> str:
    """The target of a request: its path, with its query where it has one.

    Args:
        scope: of ASGI.
    """
    query = scope["query_string"].decode("latin-1")
    raw = scope.get("raw_path")  # as it came: `%2F` is no slash
    path = raw.partition(b"?")[0].decode("latin-1") if raw else str(scope["path"])
    return f"{path}?{query}" if query else path
