"""`harness up --watch`: shows members, waiting messages and errors while the stack runs."""

import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from redis.exceptions import RedisError
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from harness.evidence.log_reader import Entry, LogReader

if TYPE_CHECKING:
    from harness.stack.stack import Stack

EVERY_SECONDS = 1.0
ERRORS = 8  # newest errors that are shown


@dataclass(slots=True)
class Look:
    """One state of a stack, as it is shown.

    Args:
        members: name -> its pid; None for one that has ended.
        waiting: queue -> messages in it; None where the broker does not answer.
        taken: queue -> messages that workers have taken and not acknowledged.
        errors: the newest error lines; `seen` is how many there were.
    """

    members: Mapping[str, int | None]
    waiting: Mapping[str, int] | None
    taken: Mapping[str, int]
    errors: Sequence[Entry] = ()
    seen: int = 0

    def shown(self, seconds: float) -> Group:
        """The state as a table for a terminal, of a stack that has run for so many seconds."""
        members = Table(box=None, pad_edge=False)
        for column in ("member", "state", "pid"):
            members.add_column(column)
        for name, pid in self.members.items():
            state = Text("ended", style="bold red") if pid is None else Text("runs", style="green")
            members.add_row(name, state, "" if pid is None else str(pid))
        queues = Table(box=None, pad_edge=False)
        for column in ("queue", "waiting", "in workers' hands"):
            queues.add_column(column)
        for queue, number in (self.waiting or {}).items():
            queues.add_row(queue, str(number), str(self.taken.get(queue, "")))
        depths = queues if self.waiting is not None else Text("Redis does not answer", style="bold red")
        told = f"{self.seen} errors in the logs" + (", the newest:" if self.errors else "")
        head = Text(f"up for {int(seconds)} s, Ctrl-C stops everything", style="dim")
        return Group(head, members, depths, told, *(entry.shown() for entry in self.errors))


@dataclass(slots=True)
class Watch:
    """Looks at a stack again and again.

    Args:
        stack: that runs.
    """

    stack: "Stack"
    _reader: LogReader = field(init=False)
    _errors: deque[Entry] = field(init=False)
    _seen: int = 0

    def __post_init__(self) -> None:
        self._reader = LogReader(self.stack.run.folder / "logs")
        self._errors = deque(maxlen=ERRORS)

    def look(self) -> Look:
        """The state now."""
        for entry in self._reader.read():
            if entry.line.is_error:
                self._errors.append(entry)
                self._seen += 1
        members = {name: node.pid if node.alive else None for name, node in self.stack.nodes.items()}
        try:
            waiting, taken = self.stack.waiting(), self.stack.taken()
        except (RedisError, OSError):
            waiting, taken = None, {}
        return Look(members, waiting, taken, list(self._errors), self._seen)

    def until(self, stop: threading.Event, console: Console) -> None:
        """Show it every second until told to stop."""
        began = time.monotonic()
        with Live(console=console, auto_refresh=False) as live:
            while not stop.is_set():
                live.update(self.look().shown(time.monotonic() - began), refresh=True)
                stop.wait(EVERY_SECONDS)
