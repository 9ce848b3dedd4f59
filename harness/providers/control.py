"""The API below /__fake/, by which a scenario scripts its space and reads its calls."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from harness.providers.exchange import Exchange, encode
from harness.providers.latency import Pace
from harness.providers.space import Space

OK = 200
BAD_REQUEST = 400
NOT_FOUND = 404


async def control(space: Space[Any, Any], exchange: Exchange, path: str, query: str) -> None:
    """Answer a control request.

    Args:
        space: it is about.
        exchange: exchange with the caller.
        path: below /__fake/.
        query: of the URL; for `calls`, fields that must be equal; see Ledger.calls.
    """
    body = await exchange.body()
    try:
        status, answer = (
            OK,
            _done(space, exchange.method, path, dict(parse_qsl(query, keep_blank_values=True)), body),
        )
    except LookupError as error:
        status, answer = NOT_FOUND, {"error": str(error.args[0])}
    except (msgspec.MsgspecError, ValueError, AttributeError, RecursionError) as error:
        status, answer = BAD_REQUEST, {"error": f"{type(error).__name__}: {error}"}
    await exchange.answer(status, encode(answer))


def _done(space: Space[Any, Any], method: str, path: str, wanted: dict[str, str], body: bytes) -> object:
    decode = msgspec.json.decode
    match [method, *path.split("/")]:
        case ["PUT", name] if name in (settings := _settings(space)):
            kind, say = settings[name]
            say(decode(body, type=kind))
        case ["POST", "reset"]:
            space.reset()
        case ["GET", "calls"]:
            return space.ledger.calls(wanted)
        case ["GET", "heads", index]:
            return space.ledger.head(int(index))
        case ["GET", "bodies", index]:
            return space.ledger.body(int(index))
        case ["GET", "totals"]:
            return {**msgspec.structs.asdict(space.ledger.totals), "cpu_seconds": time.process_time()}
        case _:
            raise LookupError(f"There is no {method} /__fake/{path}.")
    return {}


def _settings(space: Space[Any, Any]) -> dict[str, tuple[Any, Callable[[Any], None]]]:
    """The settings: name -> type, and the function that applies it."""
    return {
        "rule": (space.RULE, space.script.put),
        "scenario": (space.SCENARIO, space.use),
        "pace": (Pace, space.set_pace),
        "limits": (space.LIMITS, space.set_limits),
        "unscripted": (space.UNSCRIPTED, space.set_unscripted),
        "dialect": (space.DIALECT, space.set_dialect),
    }
