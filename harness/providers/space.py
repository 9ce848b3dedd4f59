"""One client's space: its own rules, counters, limits and ledger. It does not affect other spaces."""

import json
import time
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, Literal, TypeVar

import msgspec

from harness.providers.correlation import Correlation
from harness.providers.errors import RefusedError
from harness.providers.exchange import Exchange
from harness.providers.latency import Pace
from harness.providers.ledger import Ledger, R, Record, Ring, Totals
from harness.providers.limits import LIMITED, Limiter, Limits
from harness.providers.performance import Performance
from harness.providers.scenario import Scenario
from harness.providers.score import Score
from harness.providers.script import Asked, Rule, Script
from harness.providers.steps import Answer, Step

ANSWER = Answer()
TRACE = slice(3, 35)  # of a traceparent: version, trace, parent, flags (W3C Trace Context, 3.2)
SHOWN_CHARACTERS = 300  # characters of a message that no rule has matched
# Codes of errors that the scenario has caused, not the client.
UNMATCHED, WRONG_SCRIPT = (
    "unmatched",
    "wrong_script",
)
OUTCOMES = {UNMATCHED: "unmatched", LIMITED: "limited"}  # outcome of a refusal by its code; else `rejected`
S = TypeVar("S", bound=Scenario)


class Space(ABC, Generic[S, R]):
    """One client's space. Each kind of provider defines its content, and the answer where no rule decides.

    Args:
        name: its name; '' for the common space of all other clients.
        ring: that all spaces share.
        totals: of all spaces.
        initial: behaviour before any change, and again after a reset.
        correlation: reads a call's purpose.
    """

    SCENARIO: ClassVar[type[Scenario]] = Scenario
    RULE: ClassVar[type[Rule]] = Rule
    LIMITS: ClassVar[type[Limits]] = Limits
    UNSCRIPTED: ClassVar[Any] = Literal["anything", "nothing"]
    DIALECT: ClassVar[Any] = None  # dialects that a kind can speak
    LEDGER: ClassVar[type[Ledger[Any]]] = Ledger
    LIMITER: ClassVar[type[Limiter]] = Limiter
    PERFORMANCE: ClassVar[type[Performance[Any]]] = Performance
    FOR_GOOD: ClassVar[dict[str, str]] = {}  # headers that tell a client not to ask the same again

    def __init__(
        self, name: str, ring: Ring, totals: dict[str, Totals], initial: S, correlation: Correlation
    ) -> None:
        self.name = name
        self.ledger: Ledger[R] = self.LEDGER(ring, name, totals)
        self.script = Script()
        self._correlation = correlation
        self._initial = initial
        self.use(initial)

    def use(self, scenario: S) -> None:
        """Behave like this from now on; the ledger stays.

        Raises:
            ValueError: this server cannot do that; nothing has changed.
        """
        self.set_unscripted(scenario.unscripted)
        self._seed = scenario.seed if scenario.seed is not None else self._initial.seed or 0
        self._speed = scenario.speed
        self.script.clear()
        for rule in scenario.rules:
            self.script.put(rule)
        self.set_pace(Pace(first=scenario.latency, between=scenario.between))
        self.set_limits(scenario.limits)

    def set_pace(self, pace: Pace) -> None:
        """Let every answer take so long."""
        self._pace, self._instant = pace, pace.instant

    def set_limits(self, limits: Limits) -> None:
        """Set the limits."""
        self._limiter = self.LIMITER(limits)

    def set_unscripted(self, unscripted: str) -> None:
        """What is answered where no rule decides.

        Raises:
            ValueError: this server cannot.
        """
        self._unscripted = unscripted

    def set_dialect(self, dialect: Any) -> None:
        """Set the dialect of the provider's API.

        Raises:
            ValueError: this kind has no dialects.
        """
        raise ValueError(f"this provider has no dialects, and so not {dialect!r}")

    def reset(self) -> None:
        """Forget every rule and call, and behave as at first."""
        self.ledger.clear()
        self.use(self._initial)

    async def serve(self, exchange: Exchange, path: str, query: str) -> None:
        """Answer a request.

        Args:
            exchange: with who asks.
            path: below the provider's API.
            query: of the URL.
        """
        exchange.extra = self._limiter.headers()
        body = b""
        try:
            body = await exchange.body()
        except RefusedError as error:
            await self._refuse(exchange, self._begin(exchange, self._asked(exchange, path, ""), body), error)
            return
        asked = self._asked(exchange, path, body.decode(errors="replace"))
        # The ledger itself keeps bodies, but not all of them.
        record = self._begin(exchange, msgspec.structs.replace(asked, message=""), body)
        try:
            if self._limiter.counts:
                self._admit(exchange)
            step = self._step(asked, exchange, record)
            score = self._score(exchange, step, record, path, query, body)
            await self.PERFORMANCE(exchange, record, self.ledger, self._speed).play(step, score)
        except RefusedError as error:
            await self._refuse(exchange, record, error)
        finally:
            self.ledger.end(record, "abandoned")

    @abstractmethod
    def _asked(self, exchange: Exchange, path: str, message: str) -> Asked:
        """The question of a call.

        Args:
            exchange: with who asks.
            path: below the provider's API.
            message: its body as text.
        """

    @abstractmethod
    def _score(self, exchange: Exchange, step: Step, record: R, path: str, query: str, body: bytes) -> Score:
        """The answer to a call that is served.

        Args:
            exchange: with who asks.
            step: that decides.
            record: of the call.
            path: below the provider's API.
            query: of the URL.
            body: of the request.

        Raises:
            RefusedError: nothing.
        """

    def _step(self, asked: Asked, exchange: Exchange, record: R) -> Step:
        """The step for a call that is served; errors as in `_decide`."""
        return self._decide(asked, exchange, record)

    def _knows(self, asked: Asked) -> bool:
        """Whether a call without a rule may be answered, although not every such call may."""
        del asked
        return False

    def _begin(self, exchange: Exchange, asked: Asked, body: bytes) -> R:
        record = self.ledger.begin(asked, body)
        exchange.request_id = b"req_%012x" % record.index
        self.ledger.heads.append((record.index, exchange.query, exchange.headers))
        parent = exchange.headers.get(b"traceparent")
        if parent is not None:
            record.trace = parent[TRACE].decode("latin-1")
        return record

    def _admit(self, exchange: Exchange, **amounts: float) -> None:
        """Take a call out of the budget, and let its answer say what is left.

        Raises:
            RefusedError: 429.
        """
        try:
            self._limiter.admit(**amounts)
        finally:
            exchange.extra = self._limiter.headers()

    def _decide(self, asked: Asked, exchange: Exchange, record: R) -> Step:
        """The step of the rule that decides over a call.

        Raises:
            RefusedError: no rule matches, and no answer may be made up.
        """
        taken = self.script.take(asked, exchange.headers)
        if taken is None and (self._unscripted == "anything" or self._knows(asked)):
            return ANSWER
        if taken is None or taken.step is None:
            fields = {name: getattr(asked, name) for name in asked.SHOWN}
            fields["message"] = asked.message[:SHOWN_CHARACTERS]
            shown = ", ".join(f"{name}={value!r}" for name, value in fields.items())
            nearest = self.script.nearest(asked, exchange.headers)
            record.note = f"no rule matches this call\n  asked    ({shown})\n  nearest  {nearest}"
            raise RefusedError(record.note, None, UNMATCHED, status=501, headers=self.FOR_GOOD)
        record.rule, record.rule_step = taken.rule, taken.index
        return taken.step

    def _gaps(self, step: Step, record: R, chunks: int) -> list[float]:
        """Seconds before each chunk; empty where there is nothing to wait for."""
        if self._instant and step.latency == 0 and step.between == 0:
            return []
        own = Pace(first=step.latency, between=step.between)
        drawn = [
            pace.gaps(chunks, f"{self._seed}/{name}/{record.asked.key}/{number(record)}")
            for name, pace in (("every", self._pace), ("step", own))
            if not pace.instant
        ]
        return [sum(each) for each in zip(*drawn, strict=True)] if drawn else []

    async def _refuse(self, exchange: Exchange, record: R, error: RefusedError) -> None:
        if error.code in (UNMATCHED, WRONG_SCRIPT):
            # Logged as an error, so that the scenario that caused it fails, whatever the client does with the answer.
            record.note = record.note or str(error)
            print(json.dumps({"level": "error", "message": record.note}), flush=True)  # noqa: T201
        record.note = record.note or error.message
        await exchange.refuse(error)
        record.first = record.first or time.monotonic()
        record.sent = exchange.sent
        self.ledger.end(record, OUTCOMES.get(error.code or "", "rejected"), error.status)


def number(record: Record) -> int:
    """The number of a call among those with the same question: the client's own count, or ours where it has none."""
    return record.asked.attempt if record.asked.request else record.index
