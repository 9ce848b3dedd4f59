"""What a node wrote: one file, read from cursors, so that a scenario sees its own part and no other's."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.base.wait import eventually

SHOWN_LINES = 20  # of a log, where something was waited for in vain
ERRORS = {"error", "critical"}
_TRACEBACK = "Traceback (most recent call last)"


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line; `fields` is empty where it is not one of our JSON lines."""

    text: str
    fields: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> "LogLine":
        if text.startswith("{"):
            try:
                return cls(text, json.loads(text))
            except ValueError:
                pass
        return cls(text)

    @property
    def message(self) -> str:
        return str(self.fields.get("message", self.text))

    @property
    def is_error(self) -> bool:
        return str(self.fields.get("level")).lower() in ERRORS or (
            not self.fields and _TRACEBACK in self.text
        )


class LogFile:
    """The log of one node.

    Args:
        path: need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def cursor(self) -> int:
        """Where the log ends now, in bytes: pass it as `since` to read only what comes later."""
        return self.path.stat().st_size if self.path.exists() else 0

    def written(self, since: int = 0, until: int | None = None) -> bytes:
        if not self.path.exists():
            return b""
        with self.path.open("rb") as opened:
            opened.seek(since)
            return opened.read(-1 if until is None else max(0, until - since))

    def text(self, since: int = 0, until: int | None = None) -> str:
        return self.written(since, until).decode(errors="replace")

    def lines(self, since: int = 0, until: int | None = None) -> Iterator[LogLine]:
        # Not splitlines(): JSON may hold U+2028 and its like as they are, and they end no line.
        return (LogLine.parse(line) for line in self.text(since, until).split("\n") if line)

    def tail(self, count: int) -> str:
        """The last lines, as they are."""
        return "\n".join(self.text().splitlines()[-count:])

    def wait_for(
        self, pattern: str, *, timeout: float, since: int = 0, unless: Callable[[], str | None] = lambda: None
    ) -> LogLine:
        """The first line that matches.

        Args:
            pattern: a regular expression, searched in the message.
            timeout: seconds.
            since: a cursor.
            unless: says why there is no point in waiting any more.

        Raises:
            TimeoutError: there was none; shows the last lines.
        """
        return eventually(
            lambda: next((line for line in self.lines(since) if re.search(pattern, line.message)), None),
            timeout=timeout,
            what=f"{pattern!r} in {self.path.name}",
            unless=unless,
            evidence=lambda: self.tail(10),
        )


def unexpected(lines: Iterable[LogLine], allowed: Iterable[str] = ()) -> list[LogLine]:
    """The errors and tracebacks among lines that no regular expression of `allowed` is found in."""
    patterns = [re.compile(pattern) for pattern in allowed]
    return [line for line in lines if line.is_error and not any(p.search(line.text) for p in patterns)]
