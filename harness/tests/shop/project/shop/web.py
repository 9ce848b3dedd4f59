"""The counter: takes orders. Plain ASGI: two paths need no framework."""

import hashlib
import json
import os
from typing import Any

from shop.database import GONE, connected
from shop.sweeper import Sweeper

sweeper = Sweeper()


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """What uvicorn calls."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    body = b""
    while (message := await receive())["type"] == "http.request":
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    try:
        status, answer = await _answer(scope["method"], scope["path"], body)
    except GONE as error:
        status, answer = 503, {"error": f"later: {type(error).__name__}"}
    await send(
        {"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]}
    )
    await send({"type": "http.response.body", "body": json.dumps(answer).encode()})


async def _live(receive: Any, send: Any) -> None:
    assert (await receive())["type"] == "lifespan.startup"
    sweeper.start()
    await send({"type": "lifespan.startup.complete"})
    assert (await receive())["type"] == "lifespan.shutdown"
    sweeper.stop()
    await send({"type": "lifespan.shutdown.complete"})


async def _answer(method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
    match method, path:
        case "GET", "/healthz":
            return 200, {"open": True}
        case "POST", "/orders":
            return 201, {"order": await _take(json.loads(body)["what"])}
        case "DELETE", path if path.startswith("/orders/"):
            await _forget(int(path.rpartition("/")[2]))
            return 200, {}
    return 404, {"error": f"there is no {path}"}


async def _take(what: str) -> dict[str, Any]:
    async with connected() as database:
        number = await database.fetchval("INSERT INTO orders (what) VALUES ($1) RETURNING number", what)
    sweeper.wake()
    seal = hashlib.sha256(f"{os.environ['SHOP_SEAL']}{number}".encode()).hexdigest()
    return {"number": number, "seal": seal[:16]}


async def _forget(number: int) -> None:
    async with connected() as database, database.transaction():
        # First the order: while it is being packed, its parcel is still to come.
        await database.execute("SELECT FROM orders WHERE number = $1 FOR UPDATE", number)
        await database.execute("DELETE FROM parcels WHERE order_number = $1", number)
        await database.execute("DELETE FROM orders WHERE number = $1", number)
