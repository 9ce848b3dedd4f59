"""Playing a step: the answer as it should be, in its time, or as no client would like to have it."""

import asyncio
import time
from typing import Any

from harness.providers.openai.completions import DONE
from harness.providers.openai.errors import error_body
from harness.providers.openai.exchange import EVENTS, HTML, JSON, Exchange, encode
from harness.providers.openai.ledger import Ledger, Record
from harness.providers.openai.steps import Answer, AnyStep, Cut, Fault, Garble, Hang, Reply, Stall, Usage

OK = 200
PAGE = b"<!doctype html><html><head><title>%d</title></head><body><h1>Bad gateway</h1></body></html>\n"
BAD_JSON = b'{"id": "chatcmpl-1", "object": "chat.completion", "choices": [{"index"'
BAD_EVENT = b'data: {"id": "chatcmpl-1", "choi\n\n'
TICK_SECONDS = 0.001
JSON_PARTS = 8  # that a body is cut into, so that one can break off between them
MID_STREAM = "The server had an error while processing your request."


class Score:
    """What there is to send: a body, or the events of a stream.

    Args:
        parts: the one body, or the events.
        gaps: seconds before each part; none to wait for, where it is empty.
        streamed: whether they are events.
        usage: that the whole of it tells the client.
    """

    __slots__ = ("gaps", "parts", "streamed", "usage")

    def __init__(
        self,
        parts: list[bytes],
        gaps: list[float] | None = None,
        *,
        streamed: bool = False,
        usage: Usage | None = None,
    ) -> None:
        self.parts = parts
        self.gaps = gaps or []
        self.streamed = streamed
        self.usage = usage

    @property
    def head(self) -> tuple[bytes, bytes]:
        """The content-type."""
        return EVENTS if self.streamed else JSON

    def pieces(self) -> list[bytes]:
        """What can be sent one after the other; a body is cut up for that."""
        if self.streamed:
            return self.parts
        (body,) = self.parts
        size = -(-len(body) // JSON_PARTS)
        return [body[at : at + size] for at in range(0, len(body), size)]

    def pieces_before(self, at: float) -> list[bytes]:
        """Those that come before a point between 0 and 1; at least one and not all, except at 0."""
        pieces = self.pieces()
        return pieces[: max(1, min(len(pieces) - 1, round(len(pieces) * at)))] if at else []

    def gathered(self) -> list[tuple[float, bytes]]:
        """The parts after the first wait, each with its wait; what has none is joined to the part before it."""
        if not self.gaps:
            return [(0.0, b"".join(self.parts))]
        found: list[tuple[float, list[bytes]]] = [(0.0, [self.parts[0]])]
        for gap, part in zip(self.gaps[1:], self.parts[1:], strict=True):
            if gap:
                found.append((gap, [part]))
            else:
                found[-1][1].append(part)
        return [(gap, b"".join(joined)) for gap, joined in found]


class Performance:
    """One call being answered.

    Args:
        exchange: with the client.
        record: of the call.
        ledger: that keeps it.
        speed: waits are divided by it.
    """

    __slots__ = ("_exchange", "_ledger", "_record", "_speed")

    def __init__(self, exchange: Exchange, record: Record, ledger: Ledger, speed: float) -> None:
        self._exchange = exchange
        self._record = record
        self._ledger = ledger
        self._speed = speed

    async def play(self, step: AnyStep, score: Score) -> None:
        """Do what a step says with what there is to send, and record how it ended."""
        if score.gaps and score.gaps[0] and await self._waits(score.gaps[0]):
            return
        match step:
            case Reply() | Answer():
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

    async def _send(self, score: Score, outcome: str) -> None:
        """The whole answer."""
        if not score.streamed:
            self._record.first = time.monotonic()
            await self._exchange.answer(OK, score.parts[0])
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
            body = encode(error_body(fault.status, fault.message, fault.code))
            await self._exchange.answer(fault.status, body, JSON, *given)
        self._end("fault", fault.status)

    async def _stall(self, step: Stall, score: Score) -> None:
        """A part of the answer, a long silence, and perhaps the rest."""
        pieces, before = score.pieces(), score.pieces_before(step.at)
        await self._open(score)
        for piece in before:
            await self._exchange.write(piece)
        seconds = None if step.seconds is None else step.seconds / self._speed
        if await self._stays_silent(seconds, step.trickle, b": \n" if score.streamed else b" "):
            self._end("abandoned", OK)
            return
        for piece in pieces[len(before) :]:
            await self._exchange.write(piece)
        await self._exchange.write(b"", more=False)
        self._end_whole("stalled", score)

    async def _cut(self, step: Cut, score: Score) -> None:
        """Break off in one of the ways there are."""
        pieces = score.pieces()
        before = pieces if step.how == "unfinished" else score.pieces_before(step.at)
        answered = bool(before) or step.how not in {"reset", "close"}
        if answered:
            length = sum(map(len, pieces)) if step.how == "short" else None
            await self._open(score, length)
            for piece in before:
                await self._exchange.write(piece)
        if step.how == "early":
            await self._exchange.write(b"", more=False)
        else:
            await self._exchange.break_off(reset=step.how == "reset")
        self._end("cut", OK if answered else 0)

    async def _garble(self, step: Garble, score: Score) -> None:
        """Something else than a completion."""
        self._begin()
        head, body = score.head, b"{}"
        half = b"".join(score.pieces_before(0.5)) if score.streamed else b""
        match step.how:
            case "html":
                head, body = HTML, PAGE % OK
            case "sse":
                head, body = EVENTS, half + BAD_EVENT
            case "event":
                head, body = EVENTS, half + _event(error_body(500, MID_STREAM))
            case "json":
                body = BAD_JSON
        if score.streamed and step.how in {"json", "empty"}:
            body = b"data: %b\n\n%b" % (body, DONE)
        await self._exchange.answer(OK, body, head)
        self._end("garbled", OK)

    async def _open(self, score: Score, length: int | None = None) -> None:
        """Status line and headers; the body goes in chunks, unless its length is announced."""
        self._begin()
        sized = [] if length is None else [(b"content-length", b"%d" % length)]
        await self._exchange.start(OK, [score.head, *sized])

    async def _waits(self, seconds: float) -> bool:
        """Wait so long at the space's speed; whether the client went away meanwhile, which then ends the call."""
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
        """The client has had all of it, and knows what it cost."""
        if score.usage is not None and not self._exchange.abandoned:
            self._record.prompt_tokens = score.usage.prompt_tokens
            self._record.completion_tokens = score.usage.completion_tokens
        self._end(outcome, OK)

    def _end(self, outcome: str, status: int = 0) -> None:
        self._record.sent = self._exchange.sent
        self._ledger.end(self._record, outcome, status)


def _event(document: dict[str, Any]) -> bytes:
    return b"data: %b\n\n" % encode(document)
