"""Every call the provider got, in a ring: flat records and raw bodies, decoded only when somebody looks.

Garbage collection decides this form: a hundred thousand parsed requests would stop every answer while they are walked
through. These records are exempt from it, for they hold only strings, bytes and numbers.
"""

import time
from collections import deque
from typing import Any

import msgspec

from harness.providers.openai.script import Asked

CAPACITY = 100_000  # calls
STARTED = time.monotonic()
BODY_BYTES = 64 << 20  # of bodies kept; older ones are let go first


class Call(msgspec.Struct, kw_only=True, gc=False, omit_defaults=True):
    """One call to the provider.

    Args:
        index: its number since the last reset, from 0.
        key: what it asked for, over all attempts.
        request: the roadmap's id; step, concept_id and attempt likewise from X-Client-Request-Id.
        concept: as its author calls it, from the message's JSON.
        path: below /v1.
        schema: name of the JSON schema.
        model: that is asked.
        streamed: whether chunks were asked for.
        rule: that decided; '' for none.
        rule_step: its step, from 0; None without a rule.
        outcome: replied, fault, hung, stalled, cut, garbled, limited (by the token bucket), rejected (as a bad request),
            unmatched (no rule and no leave to make something up), or abandoned (the client went first).
        status: of HTTP; 0 where none was sent.
        note: why, where the outcome needs a word.
        received: bytes of the request's body; sent: of the answer's, as far as it was sent.
        prompt_tokens: that the whole answer told the client it was billed for; completion_tokens likewise. 0 where the
            answer did not come whole.
        began: seconds since the server started.
        first: the same clock, when the answer began; None before.
        ended: the same clock; None while it runs.
        wall: time of day when it began, seconds since 1970.
    """

    index: int
    key: str = ""
    request: str = ""
    step: str = ""
    concept: str = ""
    concept_id: str = ""
    attempt: int = 0
    path: str = ""
    schema: str = ""
    model: str = ""
    streamed: bool = False
    rule: str = ""
    rule_step: int | None = None
    outcome: str = "running"
    status: int = 0
    note: str = ""
    received: int = 0
    sent: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    began: float = 0.0
    first: float | None = None
    ended: float | None = None
    wall: float = 0.0


class Record(msgspec.Struct, gc=False):
    """A call as it is kept, until somebody wants to see it as a Call.

    Args:
        space: whose it is.
        epoch: resets of that space before it.
        index: as in Call, like all that follow; times are on the monotonic clock.
        asked: where most of a Call's fields come from.
        body: as it came; None once it has been forgotten.
    """

    space: str
    epoch: int
    index: int
    asked: Asked
    body: bytes | None
    received: int
    streamed: bool
    began: float
    rule: str = ""
    rule_step: int | None = None
    outcome: str = "running"
    status: int = 0
    note: str = ""
    sent: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    first: float | None = None
    ended: float | None = None

    def as_call(self, started: float, wall: float) -> Call:
        """As people see it.

        Args:
            started: when the server did, on the monotonic clock.
            wall: the same moment as a time of day.
        """
        began = self.began - started
        asked = {name: getattr(self.asked, name) for name in ASKED}
        same = {name: getattr(self, name) for name in SAME}
        return Call(
            **asked,
            **same,
            began=round(began, 6),
            first=None if self.first is None else round(self.first - started, 6),
            ended=None if self.ended is None else round(self.ended - started, 6),
            wall=wall + began,
        )


ASKED = ("key", "request", "step", "concept", "concept_id", "attempt", "path", "schema", "model")
SAME = tuple({*Call.__struct_fields__} - {*ASKED, "began", "first", "ended", "wall"})


class Totals(msgspec.Struct):
    """Sums since the last reset, of the forgotten calls too.

    Args:
        calls: that began.
        ended: of them.
        running: now; most_running: at once, so far.
        outcomes: how many ended how.
        prompt_tokens: that whole answers were billed; completion_tokens likewise.
        received: bytes; sent likewise.
        forgotten: calls that the ring no longer holds.
    """

    calls: int = 0
    ended: int = 0
    running: int = 0
    most_running: int = 0
    outcomes: dict[str, int] = {}
    prompt_tokens: int = 0
    completion_tokens: int = 0
    received: int = 0
    sent: int = 0
    forgotten: int = 0


class Ring:
    """What all spaces share: the last CAPACITY calls, and of their bodies the last BODY_BYTES."""

    def __init__(self, capacity: int = CAPACITY, body_bytes: int = BODY_BYTES) -> None:
        self._capacity = capacity
        self._most_bytes = body_bytes
        self._records: deque[Record] = deque()
        self._with_body: deque[Record] = deque()
        self._bytes = 0

    def add(self, record: Record) -> str | None:
        """Keep a record; answers whose oldest one had to give way, if one had to."""
        self._records.append(record)
        self._with_body.append(record)
        self._bytes += record.received
        while self._bytes > self._most_bytes:
            self._drop_body(self._with_body.popleft())
        if len(self._records) <= self._capacity:
            return None
        oldest = self._records.popleft()
        if self._with_body and self._with_body[0] is oldest:
            self._drop_body(self._with_body.popleft())
        return oldest.space

    def of(self, space: str) -> list[Record]:
        """A space's calls, the oldest first."""
        return [record for record in self._records if record.space == space]

    def remove(self, space: str) -> None:
        """Forget a space's calls."""
        self._records = deque(record for record in self._records if record.space != space)
        self._with_body = deque(record for record in self._with_body if record.space != space)
        self._bytes = sum(record.received for record in self._with_body)

    def _drop_body(self, record: Record) -> None:
        self._bytes -= record.received
        record.body = None


class Ledger:
    """One space's calls and their sums.

    Args:
        ring: that keeps them.
        space: whose they are.
        totals: of every space, so that a call which gives way to another's is counted as forgotten.
    """

    def __init__(self, ring: Ring, space: str, totals: dict[str, Totals]) -> None:
        self._ring = ring
        self._space = space
        self._all_totals = totals
        self._epoch = 0
        self.totals = totals.setdefault(space, Totals(outcomes={}))

    def begin(self, asked: Asked, body: bytes, *, streamed: bool = False) -> Record:
        totals = self.totals
        size = len(body)
        record = Record(self._space, self._epoch, totals.calls, asked, body, size, streamed, time.monotonic())
        totals.calls += 1
        totals.received += size
        totals.running += 1
        totals.most_running = max(totals.most_running, totals.running)
        gone = self._ring.add(record)
        if gone is not None:
            self._all_totals[gone].forgotten += 1
        return record

    def end(self, record: Record, outcome: str, status: int = 0) -> None:
        """Say how a call ended; only the first word counts."""
        if record.ended is not None:
            return
        record.outcome, record.status, record.ended = outcome, status, time.monotonic()
        totals = self.totals
        if record.epoch != self._epoch:
            return  # it began before a reset, which has forgotten it
        totals.ended += 1
        totals.running -= 1
        totals.outcomes[outcome] = totals.outcomes.get(outcome, 0) + 1
        totals.prompt_tokens += record.prompt_tokens
        totals.completion_tokens += record.completion_tokens
        totals.sent += record.sent

    def clear(self) -> None:
        self._ring.remove(self._space)
        self._epoch += 1
        self.totals = self._all_totals[self._space] = Totals(outcomes={})

    def calls(self, wanted: dict[str, str]) -> list[Call]:
        """The calls whose fields, as text, are equal to these."""
        wall = time.time() - (time.monotonic() - STARTED)
        found = (record.as_call(STARTED, wall) for record in self._ring.of(self._space))
        return [call for call in found if all(str(getattr(call, n)) == v for n, v in wanted.items())]

    def body(self, index: int) -> Any:
        """The request that a call was, as it came; text where it is no JSON.

        Raises:
            KeyError: it has been forgotten, or never was.
        """
        for record in self._ring.of(self._space):
            if record.index == index and record.body is not None:
                try:
                    return msgspec.json.decode(record.body)
                except (msgspec.DecodeError, UnicodeDecodeError):
                    return record.body.decode(errors="replace")
        raise KeyError(f"the body of call {index} has been forgotten, or never was")
