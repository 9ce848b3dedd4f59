"""Server-sent events, read as a browser's EventSource reads them."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a stream.

    Args:
        id: to go on from.
        event: its kind.
        data: decoded JSON.
    """

    id: str
    event: str
    data: Any


def read_events(lines: Iterable[str]) -> Iterator[Event]:
    """The events of a stream; comments, such as pings, are passed over (WHATWG HTML, section 9.2.6)."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            if name:
                value = value.removeprefix(" ")
                fields[name] = f"{fields['data']}\n{value}" if name == "data" and "data" in fields else value
        elif "data" in fields:
            yield Event(fields.get("id", ""), fields.get("event", "message"), json.loads(fields["data"]))
            fields = {}
