"""Every call the provider got, in a ring: raw bodies, decoded only when somebody looks."""

import time
from collections import deque
from typing import Any

import msgspec

from harness.fake_openai.script import Asked

CAPACITY = 10_000


class Call(msgspec.Struct, kw_only=True):
    """One call to the provider.

    Args:
        index: its number since the last reset, from 0.
        request: the roadmap's id; step, concept and attempt likewise from X-Client-Request-Id.
        schema: name of the JSON schema.
        model: that was asked.
        rule: that decided; '' for none.
        outcome: replied, fault, hung, cut, malformed, rejected (by the provider, as a bad request), or abandoned
            (the client went first).
        status: of HTTP; 0 where there was none.
        prompt_tokens: counted by the fixed rule of four bytes a token; completion_tokens likewise.
        began: seconds since the server started.
        ended: the same clock; None while it runs.
        wall: time of day when it began, seconds since 1970.
    """

    index: int
    request: str = ""
    step: str = ""
    concept: str = ""
    attempt: int = 0
    schema: str = ""
    model: str = ""
    rule: str = ""
    outcome: str = "running"
    status: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    began: float = 0.0
    ended: float | None = None
    wall: float = 0.0


class Recorder:
    """Keeps the last CAPACITY calls with their bodies."""

    def __init__(self) -> None:
        self._calls: deque[tuple[Call, bytes]] = deque(maxlen=CAPACITY)
        self._started = time.monotonic()
        self._count = 0

    def begin(self, asked: Asked, body: bytes) -> Call:
        call = Call(
            index=self._count,
            request=asked.request,
            step=asked.step,
            concept=asked.concept,
            attempt=asked.attempt,
            schema=asked.schema,
            model=asked.model,
            began=self._now(),
            wall=time.time(),
        )
        self._count += 1
        self._calls.append((call, body))
        return call

    def end(self, call: Call, outcome: str, status: int = 0) -> None:
        if call.ended is None:
            call.outcome, call.status, call.ended = outcome, status, self._now()

    def clear(self) -> None:
        self._calls.clear()
        self._count = 0

    def calls(self) -> list[Call]:
        return [call for call, _ in self._calls]

    def body(self, index: int) -> Any:
        """The request that a call was, as it came.

        Raises:
            KeyError: it has been forgotten, or never was.
        """
        for call, body in self._calls:
            if call.index == index:
                return msgspec.json.decode(body)
        raise KeyError(index)

    def _now(self) -> float:
        return round(time.monotonic() - self._started, 6)
