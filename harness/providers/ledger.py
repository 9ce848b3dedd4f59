"""Every call of the provider, in a ring: flat records and raw bodies, decoded only when they are read.

Garbage collection is the reason for this form: with a hundred thousand parsed requests, each collection would delay all
answers. These records are exempt from it, because they hold only strings, bytes and numbers.
"""

import time
from collections import deque
from collections.abc import Mapping
from typing import Any, ClassVar, Generic, TypeVar

import msgspec

from harness.providers.script import Asked

CAPACITY = 100_000  # calls
STARTED = time.monotonic()
CONTAINS = "contains"
# Fields that a Record has on another clock than a Call.
TIMES = frozenset({"began", "first", "ended", "wall"})
HEADS = 1_000  # calls whose headers a space's ledger keeps
OWN = frozenset({b"authorization"})  # headers with a key, which are not shown
BODY_BYTES = 64 << 20  # bytes of kept bodies; the oldest are dropped first


class Call(msgspec.Struct, kw_only=True, gc=False, omit_defaults=True):
    """One call to the provider.

    Args:
        index: its number since the last reset, from 0.
        key: its question, the same for all attempts.
        request: id of the work that it is a part of; step, concept_id and attempt likewise by the client's correlation.
        concept: as the call's text names it, else its id.
        method: of HTTP.
        path: below the provider's API.
        rule: the rule that decided; '' for none.
        rule_step: its step, from 0; None without a rule.
        outcome: replied, fault, hung, stalled, cut, garbled, limited (by the token bucket), rejected (as a bad request),
            unmatched (no rule and no leave to make something up), or abandoned (the client went away first).
        status: of HTTP; 0 where none was sent.
        note: explanation, where the outcome needs one.
        trace: id of the trace that it is a part of, by the client's `traceparent` (W3C Trace Context).
        received: bytes of the request's body; sent: of the answer's, as far as it was sent.
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
    method: str = ""
    path: str = ""
    rule: str = ""
    rule_step: int | None = None
    outcome: str = "running"
    status: int = 0
    note: str = ""
    trace: str = ""
    received: int = 0
    sent: int = 0
    began: float = 0.0
    first: float | None = None
    ended: float | None = None
    wall: float = 0.0


class Record(msgspec.Struct, gc=False):
    """A call as it is kept; converted to a Call only when it is read.

    Args:
        space: the space that it belongs to.
        epoch: number of resets of that space before it.
        index: as in Call, like all that follow; times are on the monotonic clock.
        asked: source of most of a Call's fields.
        body: as it came; None once it has been forgotten.
    """

    CALL: ClassVar[type[Call]] = Call

    space: str
    epoch: int
    index: int
    asked: Asked
    body: bytes | None
    received: int
    began: float
    rule: str = ""
    rule_step: int | None = None
    outcome: str = "running"
    status: int = 0
    note: str = ""
    trace: str = ""
    sent: int = 0
    first: float | None = None
    ended: float | None = None

    def as_call(self, started: float, wall: float) -> Call:
        """The record as a Call.

        Args:
            started: when the server started, on the monotonic clock.
            wall: the same moment as a time of day.
        """
        began = self.began - started
        asked = self.asked.__struct_fields__
        same = [name for name in self.CALL.__struct_fields__ if name not in TIMES]
        return self.CALL(
            **{name: getattr(self.asked if name in asked else self, name) for name in same},
            began=round(began, 6),
            first=None if self.first is None else round(self.first - started, 6),
            ended=None if self.ended is None else round(self.ended - started, 6),
            wall=wall + began,
        )


class Totals(msgspec.Struct):
    """Sums since the last reset, forgotten calls included.

    Args:
        calls: that began.
        ended: of them.
        running: calls that run now; most_running: most at the same time so far.
        outcomes: how many ended how.
        received: bytes; sent likewise.
        forgotten: calls that the ring no longer holds.
    """

    calls: int = 0
    ended: int = 0
    running: int = 0
    most_running: int = 0
    outcomes: dict[str, int] = {}
    received: int = 0
    sent: int = 0
    forgotten: int = 0

    def add(self, record: Record) -> None:
        """Count a call that has ended."""
        self.ended += 1
        self.running -= 1
        self.outcomes[record.outcome] = self.outcomes.get(record.outcome, 0) + 1
        self.sent += record.sent


class Ring:
    """The ring that all spaces share: the last CAPACITY calls, and the last BODY_BYTES of their bodies."""

    def __init__(self, capacity: int = CAPACITY, body_bytes: int = BODY_BYTES) -> None:
        self._capacity = capacity
        self._most_bytes = body_bytes
        self._records: deque[Record] = deque()
        self._with_body: deque[Record] = deque()
        self._bytes = 0

    def add(self, record: Record) -> str | None:
        """Keep a record; return the space of the record that was dropped for it, if any."""
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

    def latest(self, count: int) -> list[Record]:
        """The last calls of all spaces, the oldest first."""
        return list(self._records)[-count:]

    def remove(self, space: str) -> None:
        """Forget a space's calls."""
        self._records = deque(record for record in self._records if record.space != space)
        self._with_body = deque(record for record in self._with_body if record.space != space)
        self._bytes = sum(record.received for record in self._with_body)

    def _drop_body(self, record: Record) -> None:
        self._bytes -= record.received
        record.body = None


R = TypeVar("R", bound=Record)


class Ledger(Generic[R]):
    """One space's calls and their sums.

    Args:
        ring: that keeps them.
        space: whose they are.
        totals: totals of every space, so that a dropped call is counted as forgotten there.
    """

    RECORD: ClassVar[Any] = Record  # its R
    TOTALS: ClassVar[type[Totals]] = Totals

    def __init__(self, ring: Ring, space: str, totals: dict[str, Totals]) -> None:
        self._ring = ring
        self._space = space
        self._all_totals = totals
        self._epoch = 0
        # Number of a call -> its query and headers; only a few, because these are no flat records.
        self.heads: deque[tuple[int, bytes, Mapping[bytes, bytes]]] = deque(maxlen=HEADS)
        self.totals = totals.setdefault(space, self.TOTALS(outcomes={}))

    def begin(self, asked: Asked, body: bytes) -> R:
        """Record a new call."""
        totals = self.totals
        size = len(body)
        record: R = self.RECORD(self._space, self._epoch, totals.calls, asked, body, size, time.monotonic())
        totals.calls += 1
        totals.received += size
        totals.running += 1
        totals.most_running = max(totals.most_running, totals.running)
        gone = self._ring.add(record)
        if gone is not None:
            self._all_totals[gone].forgotten += 1
        return record

    def end(self, record: R, outcome: str, status: int = 0) -> None:
        """Record how a call ended; only the first time counts."""
        if record.ended is not None:
            return
        record.outcome, record.status, record.ended = outcome, status, time.monotonic()
        if record.epoch == self._epoch:  # otherwise a reset has forgotten it
            self.totals.add(record)

    def clear(self) -> None:
        self._ring.remove(self._space)
        self._epoch += 1
        self.heads.clear()
        self.totals = self._all_totals[self._space] = self.TOTALS(outcomes={})

    def calls(self, wanted: dict[str, str]) -> list[Call]:
        """The calls whose fields, as text, equal these.

        Args:
            wanted: name of a field of Call -> its value; `contains` is a text in the request's body, as long as that is kept.
        """
        wall = time.time() - (time.monotonic() - STARTED)
        text = wanted.get(CONTAINS, "").encode()
        wanted = {name: value for name, value in wanted.items() if name != CONTAINS}
        # Filter by trace first: a trace has few calls of very many, and a Call is expensive to make.
        trace = wanted.pop("trace", None)
        records = (
            record
            for record in self._ring.of(self._space)
            if (trace is None or record.trace == trace) and (not text or text in (record.body or b""))
        )
        found = (record.as_call(STARTED, wall) for record in records)
        return [call for call in found if all(str(getattr(call, n)) == v for n, v in wanted.items())]

    def head(self, index: int) -> dict[str, str]:
        """The headers of a call without its key, and its query as `?`.

        Raises:
            KeyError: it has been forgotten, or never was.
        """
        for number, query, headers in self.heads:
            if number == index:
                shown = {name: value for name, value in headers.items() if name not in OWN}
                return {
                    name.decode("latin-1"): value.decode("latin-1")
                    for name, value in {**shown, b"?": query}.items()
                }
        raise KeyError(f"the headers of call {index} have been forgotten, or never were")

    def body(self, index: int) -> Any:
        """The request body of a call, as it came; text where it is no JSON.

        Raises:
            KeyError: it has been forgotten, or never was.
        """
        for record in self._ring.of(self._space):
            if record.index == index and record.body is not None:
                try:
                    return msgspec.json.decode(record.body)
                except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                    return record.body.decode(errors="replace")
        raise KeyError(f"the body of call {index} has been forgotten, or never was")
