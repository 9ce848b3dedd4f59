"""Plays a step: it sends the right answer in its time, or a faulty one."""

import asyncio
import time
from typing import Any, ClassVar, Generic

from harness.providers.exchange import EVENTS, HTML, JSON, Exchange, encode
from harness.providers.ledger import Ledger, R
from harness.providers.score import OK, Score
from harness.providers.steps import Answer, Cut, Fault, Garble, Hang, Stall, Step

PAGE = b"<!doctype html><html><head><title>%d</title></head><body><h1>Bad gateway</h1></body></html>\n"
SERVER_ERROR = 500
TICK_SECONDS = 0.001
MID_STREAM = "The server had an error while processing your request."


class Performance(Generic[R]):
    """One call being answered.

    Args:
        exchange: with the client.
        record: of the call.
        ledger: that keeps it.
        speed: waits are divided by it.
    """

    __slots__ = ("_exchange", "_ledger", "_record", "_speed")

    BAD_JSON: ClassVar[bytes] = b'{"data": [{"id"'
    BAD_EVENT: ClassVar[bytes] = b'data: {"id": 1, "da\n\n'
    LAST_EVENT: ClassVar[bytes] = b""  # the last part of a stream, which tells the client that it has ended

    def __init__(self, exchange: Exchange, record: R, ledger: Ledger[R], speed: float) -> None:
        self._exchange = exchange
        self._record = record
        self._ledger = ledger
        self._speed = speed

    async def play(self, step: Step, score: Score) -> None:
        """Play a step for an answer, and record how it ended."""
        if score.gaps and score.gaps[0] and await self._waits(score.gaps[0]):
            return
        match step:
            case Answer():  # most of them
                await self._send(score, "replied")
            case Hang():
                seconds = None if step.seconds is None else step.seconds / self._speed
                if await self._exchange.leaves(seconds):
                    self._end("abandoned")
                else:
                    await self._send(score, "hung")
            case Fault():
                await self._fail(step)
            case Stall():
                await self._stall(step, score)
            case Cut():
                await self._cut(step, score)
            case Garble():
                await self._garble(step, score)
            case _:
                await self._send(score, "replied")

    async def _send(self, score: Score, outcome: str) -> None:
        """The whole answer."""
        if not score.streamed:
            self._record.first = time.monotonic()
            await self._exchange.answer(score.status, score.parts[0], score.head, *score.headers)
        elif not score.gaps:
            self._begin()
            await self._exchange.stream(score.status, b"".join(score.parts), score.head, *score.headers)
        else:
            await self._open(score)
            for gap, part in score.gathered():
                if gap and await self._waits(gap):
                    return
                await self._exchange.write(part)
            await self._exchange.write(b"", more=False)
        self._end_whole(outcome, score)

    async def _fail(self, fault: Fault) -> None:
        """An HTTP error, the provider's or a gateway's."""
        headers = fault.all_headers()
        given = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        self._begin()
        if fault.html:
            await self._exchange.answer(fault.status, PAGE % fault.status, HTML, *given)
        else:
            body = encode(self._exchange.error_body(fault.status, fault.message, fault.code))
            await self._exchange.answer(fault.status, body, JSON, *given)
        self._end("fault", fault.status)

    async def _stall(self, step: Stall, score: Score) -> None:
        """Send a part of the answer, wait long, and perhaps send the rest."""
        pieces, before = score.pieces(), score.pieces_before(step.at)
        await self._open(score)
        for piece in before:
            await self._exchange.write(piece)
        seconds = None if step.seconds is None else step.seconds / self._speed
        if await self._stays_silent(seconds, step.trickle, b": \n" if score.streamed else b" "):
            self._end("abandoned", score.status)
            return
        for piece in pieces[len(before) :]:
            await self._exchange.write(piece)
        await self._exchange.write(b"", more=False)
        self._end_whole("stalled", score)

    async def _cut(self, step: Cut, score: Score) -> None:
        """Break off in one of the ways of steps.Cut."""
        pieces = score.pieces()
        before = pieces if step.how == "unfinished" else score.pieces_before(step.at)
        answered = bool(before) or step.how not in {"reset", "close"}
        if answered:
            sent = sum(map(len, before))
            length = max(sum(map(len, pieces)), sent + 1) if step.how == "short" else None
            await self._open(score, length)
            for piece in before:
                await self._exchange.write(piece)
        if step.how == "early":
            await self._exchange.write(b"", more=False)
        else:
            await self._exchange.break_off(reset=step.how == "reset")
        self._end("cut", score.status if answered else 0)

    async def _garble(self, step: Garble, score: Score) -> None:
        """Something else than an answer."""
        self._begin()
        head, body = score.head, b"{}"
        half = b"".join(score.pieces_before(0.5)) if score.streamed else b""
        match step.how:
            case "html":
                head, body = HTML, PAGE % OK
            case "sse":
                head, body = EVENTS, half + self.BAD_EVENT
            case "event":
                head, body = EVENTS, half + _event(self._exchange.error_body(SERVER_ERROR, MID_STREAM))
            case "json":
                body = self.BAD_JSON
        if score.streamed and step.how in {"json", "empty"}:
            body = b"data: %b\n\n%b" % (body, self.LAST_EVENT)
        await self._exchange.answer(OK, body, head)
        self._end("garbled", OK)

    async def _open(self, score: Score, length: int | None = None) -> None:
        """Status line and headers; the body goes in chunks, unless its length is announced."""
        self._begin()
        sized = [] if length is None else [(b"content-length", b"%d" % length)]
        await self._exchange.start(score.status, [score.head, *sized, *score.headers])

    async def _waits(self, seconds: float) -> bool:
        """Wait so long at the space's speed; return whether the client went away meanwhile, which ends the call."""
        until = time.monotonic() + seconds / self._speed
        # uvloop counts whole milliseconds and may wake us early: one more of them spares most calls a second sleep.
        while (left := until - time.monotonic()) > 0:
            await asyncio.sleep(left + TICK_SECONDS)
        if self._exchange.abandoned:
            self._end("abandoned")
            return True
        return False

    async def _stays_silent(self, seconds: float | None, trickle: float, filler: bytes) -> bool:
        """Whether the client went away in this time."""
        if not trickle:
            return await self._exchange.leaves(seconds)
        until = time.monotonic() + (seconds if seconds is not None else float("inf"))
        while time.monotonic() < until:
            if await self._exchange.leaves(trickle):
                return True
            await self._exchange.write(filler)
        return False

    def _begin(self) -> None:
        if self._record.first is None:
            self._record.first = time.monotonic()

    def _end_whole(self, outcome: str, score: Score) -> None:
        """Record that the client got the whole answer."""
        self._end(outcome, score.status)

    def _end(self, outcome: str, status: int = 0) -> None:
        self._record.sent = self._exchange.sent
        self._ledger.end(self._record, outcome, status)


def _event(document: dict[str, Any]) -> bytes:
    return b"data: %b\n\n" % encode(document)
