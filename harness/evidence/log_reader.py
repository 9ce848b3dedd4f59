"""The logs of a run for a person: all nodes in the order of their times, a line each."""

import heapq
import re
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text

from harness.base.logs import LogFile, LogLine

COLOURS = ("cyan", "green", "yellow", "blue", "magenta", "bright_cyan", "bright_green", "bright_blue")
LEVELS = {"warning": "yellow", "error": "bold red", "critical": "bold red"}
# The time at the beginning of PostgreSQL's lines.
PLAIN_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?")
USUAL = ("time", "level", "message", "role")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of one node.

    Args:
        time: the time in it, or in the last line before it that has one.
        node: that wrote it.
        line: what it wrote.
    """

    time: str
    node: str
    line: LogLine

    def shown(self, *, raw: bool = False) -> Text:
        """The line for a terminal: node, time, level and message, then the other fields.

        Args:
            raw: as it was written, without the node's name.
        """
        if raw:
            return Text(self.line.text)
        # zlib's checksum, because hash() differs from process to process
        colour = COLOURS[zlib.crc32(self.node.encode()) % len(COLOURS)]
        text = Text(f"{self.node:<22} ", style=colour)
        fields = self.line.fields
        if not fields:
            return text.append(self.line.text, style="default")
        level = str(fields.get("level", "")).lower()
        style = LEVELS.get(level, "default")
        text.append(f"{self.time[11:23]:<12} {level:<8} ", style="dim")
        text.append(self.line.message, style=style)
        others = " ".join(f"{name}={value}" for name, value in fields.items() if name not in USUAL)
        return text.append(f"  {others}", style="dim") if others else text


class LogReader:
    """Reads new lines from where the last call stopped.

    Args:
        folder: with a `.log` of each node.
    """

    POLL_SECONDS = 0.2

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, int] = {}
        self._times: dict[str, str] = {}

    def names(self) -> list[str]:
        """The nodes that have written anything."""
        return sorted(path.stem for path in self._folder.glob("*.log"))

    def read(self, nodes: Collection[str] | None = None) -> list[Entry]:
        """Whole lines that were written since the last time, in the order of their times.

        Args:
            nodes: whose; all by default.
        """
        parts = [self._entries(name, self._new_lines(name)) for name in nodes or self.names()]
        return list(heapq.merge(*parts, key=lambda entry: entry.time))

    def _new_lines(self, name: str) -> list[str]:
        """Read up to the last line's end: the rest may be half a line."""
        since = self._read.get(name, 0)
        written = LogFile(self._folder / f"{name}.log").written(since)
        whole = written[: written.rfind(b"\n") + 1]
        self._read[name] = since + len(whole)
        return whole.decode(errors="replace").split("\n")[:-1]

    def _entries(self, name: str, lines: Iterable[str]) -> Iterator[Entry]:
        for text in lines:
            line = LogLine.parse(text)
            plain = PLAIN_TIME.match(text)
            said = line.fields.get("time") or (plain and plain[0].replace(" ", "T"))
            self._times[name] = str(said or self._times.get(name, ""))
            yield Entry(self._times[name], name, line)
