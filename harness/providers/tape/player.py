"""Plays recorded exchanges again: the same request gets the same bytes with the same waits; the answer to another one shows the difference."""

import asyncio
import difflib
import json
from pathlib import Path
from urllib.parse import urlsplit

from harness.providers.exchange import JSON, ClientGoneError, Receive, Scope, Send, encode
from harness.providers.exchange import Exchange as Connection
from harness.providers.tape.exchange import Asked, Exchange, load, readable, target
from harness.providers.tape.redaction import asked_without_secrets, own_secrets

NOT_RECORDED = 501
FOR_GOOD = (b"x-should-retry", b"false")
MOST_DIFFERENT = 20  # differences that are named


class Player:
    """The application.

    Args:
        folder: with the recorded exchanges.
        speed: waits are divided by it; 0 for none at all.

    Raises:
        TapeError: there are no exchanges, or one cannot be read.
    """

    def __init__(self, folder: Path, speed: float = 1.0) -> None:
        self._exchanges = load(folder)
        self._known: dict[str, list[Exchange]] = {}
        for _, exchange in self._exchanges:
            self._known.setdefault(exchange.asked.shown, []).append(exchange)
        self._speed = speed
        self._played: dict[str, int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        connection = Connection(scope, receive, send)
        try:
            body = await connection.body()
        except ClientGoneError:
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        asked = asked_without_secrets(
            Asked(connection.method, target(scope), body=readable(body)), own_secrets(headers)
        )
        exchange = self._recorded(asked)
        if exchange is None:
            said = self._difference(asked)
            print(json.dumps({"level": "error", "message": said}), flush=True)  # noqa: T201
            error = {"message": said, "type": "harness_error", "param": None, "code": "not_recorded"}
            await connection.answer(NOT_RECORDED, encode({"error": error}), JSON, FOR_GOOD)
            return
        await self._play(exchange, send)

    def _recorded(self, asked: Asked) -> Exchange | None:
        """The exchange for a request; of several equal ones the next, and the last one again after that."""
        shown = asked.shown
        same = self._known.get(shown)
        if not same:
            return None
        number = self._played.get(shown, 0)
        self._played[shown] = number + 1
        return same[min(number, len(same) - 1)]

    async def _play(self, exchange: Exchange, send: Send) -> None:
        answered = exchange.answered
        headers = [(name.encode(), value.encode("latin-1")) for name, value in answered.headers]
        if not _streams(exchange):
            headers.append((b"content-length", b"%d" % len(answered.body())))
        started = False
        for part in answered.parts:
            if self._speed:
                await asyncio.sleep(part.after / self._speed)
            if not started:
                await send({"type": "http.response.start", "status": answered.status, "headers": headers})
                started = True
            await send({"type": "http.response.body", "body": part.content(), "more_body": True})
        if not started:
            await send({"type": "http.response.start", "status": answered.status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def _difference(self, asked: Asked) -> str:
        """The nearest recorded request, and the differences from it."""

        def likeness(named: tuple[str, Exchange]) -> tuple[bool, int, float]:
            other = named[1].asked
            same_place = (urlsplit(other.path).path, other.method) == (
                urlsplit(asked.path).path,
                asked.method,
            )
            few = -len(differences(other.body, asked.body))
            return same_place, few, difflib.SequenceMatcher(None, other.shown, asked.shown).quick_ratio()

        name, nearest = max(self._exchanges, key=likeness)
        places = list(differences(nearest.asked.body, asked.body))
        where = f" in {', '.join(places[:MOST_DIFFERENT])}" if places else ""
        lines = difflib.unified_diff(
            nearest.asked.shown.splitlines(), asked.shown.splitlines(), name, "asked now", lineterm=""
        )
        return "\n".join([f"This request was not recorded; it differs from {name}{where}:", *lines])


def differences(recorded: object, asked: object, path: str = "$") -> list[str]:
    """Where two bodies differ, as paths.

    Args:
        recorded: one of them.
        asked: the other.
        path: of both.
    """
    if isinstance(recorded, dict) and isinstance(asked, dict):
        names = [*recorded, *(name for name in asked if name not in recorded)]
        return [
            found
            for name in names
            for found in (
                differences(recorded[name], asked[name], f"{path}.{name}")
                if name in recorded and name in asked
                else [f"{path}.{name}"]
            )
        ]
    if isinstance(recorded, list) and isinstance(asked, list) and len(recorded) == len(asked):
        pairs = enumerate(zip(recorded, asked, strict=True))
        return [
            found for number, (one, other) in pairs for found in differences(one, other, f"{path}[{number}]")
        ]
    return [] if recorded == asked else [path]


def _streams(exchange: Exchange) -> bool:
    kinds = [value for name, value in exchange.answered.headers if name == "content-type"]
    return any(kind.startswith("text/event-stream") for kind in kinds)
