"""A page for people: it shows the calls of all clients that share the server."""

import time
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from harness.providers.ledger import STARTED, Ring

MOST_SHOWN = 200  # calls


@lru_cache(maxsize=1)
def page() -> bytes:
    """Plain HTML, which loads the latest calls by itself."""
    return Path(__file__).with_name("page.html").read_bytes()


def latest(ring: Ring) -> list[dict[str, Any]]:
    """The last calls of all spaces, the newest first, each with its space.

    Args:
        ring: that keeps them.
    """
    wall = round(time.time() - (time.monotonic() - STARTED), 2)  # the same at each load
    return [
        {**msgspec.structs.asdict(record.as_call(STARTED, wall)), "space": record.space}
        for record in reversed(ring.latest(MOST_SHOWN))
    ]
