"""The log of a node: one file, read from a cursor on, so that a scenario sees only its own part."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from harness.base.wait import eventually

KEPT_LINES = 8192
SHOWN_LINES = 20  # last lines of a log that are shown after a time-out
ERRORS = {"error", "critical"}
NEVER_AWAITED = "was never awaited"  # Python's warning of a coroutine: whatever it was to do is lost
# Texts of plain lines that mean an error: Celery's "[TIME: ERROR/PROCESS] ..." and uvicorn's "ERROR: ...".
# When PostgreSQL or an interpreter ends by an error, its lines have none of our levels.
PLAIN_ERRORS = (
    r": (ERROR|CRITICAL)/",
    r"^(ERROR|CRITICAL):",
    r"\bPANIC: ",
    r"^Fatal Python error\b",
    NEVER_AWAITED,
)
_TRACEBACK = "Traceback (most recent call last)"
_CHAINED = ("During handling of the above", "The above exception was", '"""')  # the last one is billiard's
_RAISED = re.compile(r"^[A-Za-z_][\w.]*(:|$)")  # a traceback's last line


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line; `fields` is empty where the line is no JSON."""

    text: str
    fields: dict[str, Any] = field(default_factory=dict)

    @staticmethod
    @lru_cache(KEPT_LINES)  # kept, because every check reads the same lines
    def parse(text: str) -> "LogLine":
        if text.startswith("{"):
            try:
                return LogLine(text, json.loads(text))
            except ValueError:
                pass
        return LogLine(text)

    @property
    def message(self) -> str:
        return str(self.fields.get("message", self.text))

    @property
    def is_error(self) -> bool:
        return self.says_error()

    def says_error(self, words: Sequence[str] = ()) -> bool:
        """Whether something went wrong, by its level, its traceback, or its words.

        Args:
            words: regular expressions of errors in lines of an application's own making.
        """
        if self.fields:
            return str(self.fields.get("level")).lower() in ERRORS or NEVER_AWAITED in self.message
        if self.text.startswith("{"):
            # An object that was cut, or two on one line: nobody can read its level.
            return True
        return _TRACEBACK in self.text or any(
            re.search(word, self.text, re.MULTILINE) for word in (*PLAIN_ERRORS, *words)
        )

    @property
    def shown(self) -> str:
        """The first and the last of several lines that belong together: the last one names the error."""
        first, *others = self.text.split("\n")
        return f"{first} ... {others[-1]}" if others else first


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
        # Not splitlines(): JSON may hold U+2028 and similar characters, and they end no line.
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


def joined(lines: Iterable[LogLine]) -> Iterator[LogLine]:
    """The lines, with each plain traceback joined to the plain line before it, which says what it is about."""
    part: list[str] = []
    for line in lines:
        if part and not line.fields and _continues(part, line.text):
            part.append(line.text)
            continue
        if part:
            yield LogLine("\n".join(part))
        part = [] if line.fields else [line.text]
        if line.fields:
            yield line
    if part:
        yield LogLine("\n".join(part))


def _continues(part: Sequence[str], text: str) -> bool:
    """Whether a plain line belongs to those before it."""
    if _TRACEBACK in text:
        return True
    if not any(_TRACEBACK in line for line in part):
        return False
    ended = _RAISED.match(part[-1]) is not None and _TRACEBACK not in part[-1]
    return (
        text.startswith(_CHAINED) if ended else text.startswith((" ", *_CHAINED)) or bool(_RAISED.match(text))
    )
