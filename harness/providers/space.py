"""One client's world: its own rules, counters, limits, ledger and account. Nothing in it is felt in another."""

import json
import time
import zlib

import msgspec

from harness.providers.openai import content
from harness.providers.openai.account import Account
from harness.providers.openai.completions import Written
from harness.providers.openai.errors import RefusedError
from harness.providers.openai.exchange import Exchange, encode
from harness.providers.openai.latency import Pace
from harness.providers.openai.ledger import Ledger, Record, Ring, Totals
from harness.providers.openai.limits import Limiter, Limits
from harness.providers.openai.performance import Performance, Score
from harness.providers.openai.request import Body, Request, asked_of
from harness.providers.openai.scenario import Scenario, Unscripted
from harness.providers.openai.script import CHAT, Asked, Script
from harness.providers.openai.steps import Answer, AnyStep, Fault, Reply

ANSWER = Answer()
SHOWN_CHARACTERS = 300  # of a message that no rule has matched
MOST_WRITTEN = 100  # answers to one and the same request that are kept


class Space:
    """One client's world.

    Args:
        name: of it; '' is everybody's who has no other.
        ring: that all spaces share.
        totals: of all spaces.
        initial: what holds until the client says otherwise, and again after a reset.
    """

    def __init__(self, name: str, ring: Ring, totals: dict[str, Totals], initial: Scenario) -> None:
        self.name = name
        self.ledger = Ledger(ring, name, totals)
        self.script = Script()
        self._initial = initial
        self.use(initial)

    def use(self, scenario: Scenario) -> None:
        """Behave like this from now on; what was recorded stays."""
        self._seed = scenario.seed if scenario.seed is not None else self._initial.seed or 0
        self._speed = scenario.speed
        self.account = Account(scenario.models, scenario.stored)
        self.script.clear()
        for rule in scenario.rules:
            self.script.put(rule)
        self.set_pace(Pace(first=scenario.latency, between=scenario.between))
        self.set_limits(scenario.limits)
        self.set_unscripted(scenario.unscripted)

    def set_pace(self, pace: Pace) -> None:
        """Let every answer take so long."""
        self._pace, self._instant = pace, pace.instant

    def set_limits(self, limits: Limits) -> None:
        """Let no more be asked than this."""
        self._limiter = Limiter(limits)

    def set_unscripted(self, unscripted: Unscripted) -> None:
        """What is answered where no rule decides."""
        self._unscripted = unscripted

    def reset(self) -> None:
        """Forget every rule and call, and behave as at first."""
        self.ledger.clear()
        self.use(self._initial)

    async def complete(self, exchange: Exchange) -> None:
        """Answer a request for a chat completion."""
        exchange.extra = self._limiter.headers()
        body = b""
        try:
            body = await exchange.body()
            request = Request(body, exchange.headers)
        except RefusedError as error:
            await self._refuse(exchange, self._begin(exchange, asked_of(exchange.headers, CHAT), body), error)
            return
        asked, said = request.asked, request.body
        record = self._begin(exchange, asked, body, streamed=said.streams)
        try:
            self.account.check_model(asked.model)
            if self._limiter.counts:
                self._admit(exchange, said.prompt_tokens + said.most_tokens)
            step = self._decide(asked, record)
            score = self._score(said, record, step)
            await Performance(exchange, record, self.ledger, self._speed).play(step, score)
        except RefusedError as error:
            await self._refuse(exchange, record, error)
        finally:
            self.ledger.end(record, "abandoned")

    async def serve(self, exchange: Exchange, path: str, query: str) -> None:
        """Answer what is no chat completion: models, and completions that were stored."""
        exchange.extra = self._limiter.headers()
        body = await exchange.body()
        record = self._begin(exchange, asked_of(exchange.headers, path), body)
        try:
            if self._limiter.counts:
                self._admit(exchange, 0)
            taken = self.script.take(asked_of(exchange.headers, path))
            step: AnyStep = ANSWER
            if taken is not None and taken.step is not None:
                record.rule, record.rule_step, step = taken.rule, taken.index, taken.step
            if isinstance(step, Reply) and step.body is not None:
                document = step.body
            else:
                document = self.account.answer(exchange.method, path, query, body)
            score = Score([encode(document)], self._gaps(step, record, 1))
            await Performance(exchange, record, self.ledger, self._speed).play(step, score)
        except RefusedError as error:
            await self._refuse(exchange, record, error)
        finally:
            self.ledger.end(record, "abandoned")

    def _begin(self, exchange: Exchange, asked: Asked, body: bytes, *, streamed: bool = False) -> Record:
        record = self.ledger.begin(asked, body, streamed=streamed)
        exchange.request_id = b"req_%012x" % record.index
        return record

    def _admit(self, exchange: Exchange, tokens: int) -> None:
        """Take a call out of the budget, and let its answer say what is left.

        Raises:
            RefusedError: 429.
        """
        try:
            self._limiter.admit(tokens)
        finally:
            exchange.extra = self._limiter.headers()

    def _decide(self, asked: Asked, record: Record) -> AnyStep:
        """The step of the rule that decides over a call.

        Raises:
            RefusedError: there is none, and nothing may be made up.
        """
        taken = self.script.take(asked)
        if taken is None and self._may_make_up(asked):
            return ANSWER
        if taken is None or taken.step is None:
            message = asked.message[:SHOWN_CHARACTERS]
            fields = {name: getattr(asked, name) for name in ("path", "model", "schema", "correlation")}
            shown = ", ".join(f"{name}={value!r}" for name, value in {**fields, "message": message}.items())
            record.note = (
                f"no rule matches this call\n  asked    ({shown})\n  nearest  {self.script.nearest(asked)}"
            )
            headers = {"x-should-retry": "false"}
            raise RefusedError(record.note, None, "unmatched", status=501, headers=headers)
        record.rule, record.rule_step = taken.rule, taken.index
        return taken.step

    def _may_make_up(self, asked: Asked) -> bool:
        return self._unscripted == "anything" or (
            self._unscripted == "ours" and content.is_ours(asked.schema)
        )

    def _score(self, said: Body, record: Record, step: AnyStep) -> Score:
        """What there is to send.

        Raises:
            RefusedError: a scripted reply does not fit the request, or nothing can be made up for it.
        """
        if isinstance(step, Fault):
            return Score([b""], self._gaps(step, record, 1))
        if isinstance(step, Reply) and step.body is not None:
            return Score([encode(step.body)], self._gaps(step, record, 1))
        written, ident = self._written(said, record, step), self._ident(record)
        if said.streams:
            events = written.events(ident)
            gaps = self._gaps(step, record, len(events))
            return Score(events, gaps, streamed=True, usage=written.usage if said.usage_wanted else None)
        body = written.document(ident)
        if said.chat.store:
            self.account.store(msgspec.json.decode(body))
        gaps = self._gaps(step, record, written.chunks)
        return Score([body], [sum(gaps)] if gaps else [], usage=written.usage)

    def _written(self, said: Body, record: Record, step: AnyStep) -> Written:
        """The answer as it is sent; a scripted one must fit the request."""
        key = id(step), self._seed
        found = said.written.get(key)
        if found is not None and found[0] is step:
            return found[1]  # type: ignore[no-any-return]
        if isinstance(step, Reply):
            content.check(said, step, record.rule)
            written = Written(said, step)
        else:
            written = Written(said, content.made_up(said, self._seed))
        if len(said.written) >= MOST_WRITTEN:
            said.written.clear()
        said.written[key] = step, written
        return written

    def _gaps(self, step: AnyStep, record: Record, chunks: int) -> list[float]:
        """Seconds before each chunk; empty where there is nothing to wait for."""
        if self._instant and step.latency == 0 and step.between == 0:
            return []
        own = Pace(first=step.latency, between=step.between)
        drawn = [
            pace.gaps(chunks, f"{self._seed}/{name}/{record.asked.key}/{_number(record)}")
            for name, pace in (("every", self._pace), ("step", own))
            if not pace.instant
        ]
        return [sum(each) for each in zip(*drawn, strict=True)] if drawn else []

    def _ident(self, record: Record) -> str:
        """Of an answer, 24 hexadecimal digits: the same for the same seed, question and number."""
        return (
            f"{zlib.crc32(record.asked.key.encode(errors='replace'), self._seed):08x}{_number(record):016x}"
        )

    async def _refuse(self, exchange: Exchange, record: Record, error: RefusedError) -> None:
        code = error.body["error"]["code"]
        outcome = {"unmatched": "unmatched", "rate_limit_exceeded": "limited"}.get(code, "rejected")
        if outcome == "unmatched" or code == "wrong_script":
            # As an error in our log it fails the scenario that caused it, whatever the client makes of the answer.
            record.note = record.note or str(error)
            print(json.dumps({"level": "error", "message": record.note}), flush=True)  # noqa: T201
        await exchange.refuse(error)
        record.first = record.first or time.monotonic()
        record.sent = exchange.sent
        self.ledger.end(record, outcome, error.status)


def _number(record: Record) -> int:
    """Of a call among those that ask for the same: the client's own count, or ours where it has none."""
    return record.asked.attempt if record.asked.request else record.index
