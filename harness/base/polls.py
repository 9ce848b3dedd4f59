"""Lines that repeat and differ only in numbers are shown once: else they would push out the other lines."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from harness.base.logs import LogLine

USUAL_TIMES = 4  # lines of one shape that come more often are polls
ID = re.compile(r"[0-9a-fA-F]{8,}(-[0-9a-fA-F]{4,})*|\d+(\.\d+)?")


def shape_of(text: str) -> str:
    """A text without its numbers and ids: two texts of the same shape say the same.

    Args:
        text: of a line.
    """
    return ID.sub("#", text)


def without_polls(lines: Iterable[LogLine]) -> Iterator[tuple[LogLine, int]]:
    """The lines, with only the last of many lines of one shape; errors and warnings are all kept.

    Args:
        lines: of one node.

    Yields:
        A line, and how many it stands for.
    """
    told = [(line, "" if _worth_it(line) else shape_of(line.message)) for line in lines]
    times = Counter(shape for _, shape in told if shape)
    seen: Counter[str] = Counter()
    for line, shape in told:
        seen[shape] += 1
        if not shape or times[shape] <= USUAL_TIMES:
            yield line, 1
        elif seen[shape] == times[shape]:
            yield line, times[shape]


def short(line: LogLine) -> str:
    """A line for a person: its time, its level where that is unusual, its message, and its ids.

    Args:
        line: a line of JSON; any other line stays as it is.
    """
    fields = dict(line.fields)
    if not fields:
        return line.text
    time, level, message = (str(fields.pop(name, "")) for name in ("time", "level", "message"))
    for name in ("role", "logger", "pid", "process"):
        fields.pop(name, None)
    ids = " ".join(f"{name}={value}" for name, value in fields.items() if value and name != "exception")
    last = str(fields["exception"]).rstrip().rpartition("\n")[2] if fields.get("exception") else ""
    message = " ".join(message.split())  # a warning of Python's has several lines
    shown = [time[11:23], level.upper() if level not in {"", "info", "debug"} else "", message, ids, last]
    return " ".join(filter(None, shown))


def _worth_it(line: LogLine) -> bool:
    return line.is_error or str(line.fields.get("level", "")).lower() == "warning"
