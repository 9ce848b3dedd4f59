"""The append-only record of a run: client calls, faults, task events, provider calls, log cursors, on one clock."""

import json
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


class Journal:
    """One file of JSON lines. Each record has `at`, seconds since the journal began on a monotonic clock, and `wall`.

    Args:
        path: of the file; it is made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._began = time.monotonic()
        self._began_wall = time.time()
        self._lock = threading.Lock()
        self._records: list[dict[str, Any]] = []
        # File of the scenario that plays: events that it causes are told with the line that caused them.
        self.script = ""
        # Half a surrogate pair, which JSON may hold, is escaped as in JSON, so that the record is not lost.
        self._file = path.open("a", encoding="utf-8", errors="backslashreplace", buffering=1)

    def record(self, kind: str, **fields: Any) -> None:
        """Write down what happened just now.

        Args:
            kind: `call`, `fault`, `task`, `sample`; `provider` and `log` come in when the evidence is gathered.
            fields: as JSON.
        """
        with self._lock:  # the time is taken under the lock, so that records are in the order of their times
            entry = {"at": self.now(), "wall": datetime.now(UTC).isoformat(), "kind": kind, **fields}
            if self.script and (line := _line_of(self.script)):
                entry["line"] = line
            self._records.append(entry)
            self._file.write(json.dumps(entry, ensure_ascii=False, default=str) + "\n")

    def now(self) -> float:
        """Seconds since the journal began."""
        return round(time.monotonic() - self._began, 6)

    def at(self, wall: float) -> float:
        """The time on our clock of an event that another process reports.

        Args:
            wall: its time of day, seconds since 1970.
        """
        return round(wall - self._began_wall, 6)

    def records(self, kind: str | None = None, since: int = 0) -> list[dict[str, Any]]:
        """What was recorded, in order.

        Args:
            kind: only these; all by default.
            since: a cursor.
        """
        with self._lock:
            return [entry for entry in self._records[since:] if kind in {None, entry["kind"]}]

    def cursor(self) -> int:
        """How many records there are: pass it as `since` to read only what comes later."""
        with self._lock:
            return len(self._records)

    def close(self) -> None:
        self._file.close()


def _line_of(script: str) -> int:
    """The line of the scenario's body in the current call stack; 0 in a thread of our own."""
    line = 0
    frame = sys._getframe(2)  # noqa: SLF001 - who asked for the record, at the least cost
    while frame is not None:
        if frame.f_code.co_filename == script:
            line = frame.f_lineno
        frame = frame.f_back  # type: ignore[assignment]
    return line
