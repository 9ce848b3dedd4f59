"""The floor for the provider's answers: it always sends the same bytes. Run by uvicorn."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from typing import Any

ANSWER = json.loads(os.environ.get("ANSWER", '{"headers": [], "body": ""}'))
LATENCY = float(os.environ.get("LATENCY", "0"))  # seconds, before each answer
HEADERS = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in ANSWER["headers"]]
BODY = ANSWER["body"].encode("latin-1")


async def app(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Read the request to its end, and answer."""
    del scope
    while (await receive()).get("more_body"):
        pass
    if LATENCY:
        await asyncio.sleep(LATENCY)
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})
