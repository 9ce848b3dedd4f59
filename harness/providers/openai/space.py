"""One client's space at this provider: answers are made up, or written by the author; it has an account."""

import zlib
from typing import Any, ClassVar

from harness.providers import ledger, limits, performance, scenario, script, space
from harness.providers.correlation import Correlation
from harness.providers.errors import RefusedError
from harness.providers.exchange import Exchange, encode
from harness.providers.openai import content
from harness.providers.openai.account import Account
from harness.providers.openai.author import Author, AuthorError
from harness.providers.openai.body import Body
from harness.providers.openai.endpoints import Answer, Endpoint
from harness.providers.openai.ledger import Ledger, Record
from harness.providers.openai.limits import Limiter, Limits
from harness.providers.openai.performance import Performance
from harness.providers.openai.request import Request, asked_of
from harness.providers.openai.scenario import Dialect, Scenario, Unscripted
from harness.providers.openai.script import Asked, Rule
from harness.providers.openai.steps import Fault, Reply
from harness.providers.score import Score
from harness.providers.space import ANSWER, number
from harness.providers.steps import Step

MOST_WRITTEN = 100  # answers to the same request that are cached


class Space(space.Space[Scenario, Record]):
    """One client's space. See space.Space.

    Args:
        name: see space.Space; so are the next four.
        author: writes answers to the application's own prompts; None where there is none.
    """

    SCENARIO: ClassVar[type[scenario.Scenario]] = Scenario
    RULE: ClassVar[type[script.Rule]] = Rule
    LIMITS: ClassVar[type[limits.Limits]] = Limits
    UNSCRIPTED: ClassVar[Any] = Unscripted
    DIALECT: ClassVar[Any] = Dialect
    LEDGER: ClassVar[type[ledger.Ledger[Any]]] = Ledger
    LIMITER: ClassVar[type[limits.Limiter]] = Limiter
    PERFORMANCE: ClassVar[type[performance.Performance[Any]]] = Performance
    FOR_GOOD: ClassVar[dict[str, str]] = content.FOR_GOOD

    def __init__(
        self,
        name: str,
        ring: ledger.Ring,
        totals: dict[str, ledger.Totals],
        initial: Scenario,
        correlation: Correlation,
        author: Author | None = None,
    ) -> None:
        self._author = author
        super().__init__(name, ring, totals, initial, correlation)

    def use(self, scenario: Scenario) -> None:
        """See space.Space."""
        super().use(scenario)
        self._lenient = bool(self._initial.lenient if scenario.lenient is None else scenario.lenient)
        self.set_dialect(scenario.dialect or self._initial.dialect or "json_schema")
        self.account = Account(scenario.models, scenario.stored)

    def set_unscripted(self, unscripted: str) -> None:
        """See space.Space.

        Raises:
            AuthorError: `ours`, and there is no author.
        """
        if unscripted == "ours" and self._author is None:
            raise AuthorError(
                "only prompts of ours may be answered, and nobody writes answers to them: name an author"
            )
        super().set_unscripted(unscripted)

    def set_dialect(self, dialect: Dialect) -> None:
        """The most that a response_format may be; see Scenario."""
        self._dialect = dialect

    async def ask(self, exchange: Exchange, endpoint: Endpoint) -> None:
        """Answer a request for something new.

        Args:
            exchange: with who asks.
            endpoint: that it is for.
        """
        exchange.extra = self._limiter.headers()
        body = b""
        try:
            body = await exchange.body()
            request = Request(body, exchange.headers, self._correlation, endpoint.body, lenient=self._lenient)
        except RefusedError as error:
            asked = self._asked(exchange, endpoint.path, "")
            await self._refuse(exchange, self._begin(exchange, asked, body), error)
            return
        asked, said = request.asked, request.body
        record = self._begin(exchange, asked, said.raw)  # one body for all equal calls
        record.streamed = said.streams
        try:
            self.account.check_model(asked.model, endpoint.path)
            content.check_dialect(said, self._dialect)
            if not self._lenient and (said.goes_on_from or said.items):
                self.account.responses.check(said.goes_on_from, said.items)
            if self._limiter.counts:
                self._admit(exchange, tokens=said.prompt_tokens + said.most_tokens)
            step = self._decide(asked, exchange, record)
            score = self._answer(said, record, step, endpoint)
            await Performance(exchange, record, self.ledger, self._speed).play(step, score)
        except RefusedError as error:
            await self._refuse(exchange, record, error)
        finally:
            self.ledger.end(record, "abandoned")

    def _asked(self, exchange: Exchange, path: str, message: str) -> Asked:
        """See space.Space; only a chat completion has a message."""
        del message
        return asked_of(exchange.headers, self._correlation, path, exchange.method)

    def _step(self, asked: script.Asked, exchange: Exchange, record: Record) -> Step:
        """See space.Space; requests other than new completions are always answered, if no rule decides."""
        taken = self.script.take(asked, exchange.headers)
        if taken is None or taken.step is None:
            return ANSWER
        record.rule, record.rule_step = taken.rule, taken.index
        return taken.step

    def _score(
        self, exchange: Exchange, step: Step, record: Record, path: str, query: str, body: bytes
    ) -> Score:
        """See space.Space: models, and completions that were stored."""
        if isinstance(step, Reply) and step.body is not None:
            document = step.body
        else:
            document = self.account.answer(exchange.method, path, query, body)
        return Score([encode(document)], self._gaps(step, record, 1))

    def _knows(self, asked: script.Asked) -> bool:
        """See space.Space: a prompt that the author knows, where only these are answered."""
        assert isinstance(asked, Asked)
        return (
            self._unscripted == "ours"
            and self._author is not None
            and content.written(self._author, asked.schema, asked.message, self._seed) is not None
        )

    def _answer(self, said: Body, record: Record, step: Step, endpoint: Endpoint) -> Score:
        """The answer to a request for a new completion.

        Raises:
            RefusedError: a scripted reply does not fit the request, or nothing can be made up for it.
        """
        if isinstance(step, Fault):
            return Score([b""], self._gaps(step, record, 1))
        if isinstance(step, Reply) and step.body is not None:
            return Score([encode(step.body)], self._gaps(step, record, 1))
        written, ident = self._written(said, record, step, endpoint), self._ident(record)
        if said.store:
            self.account.store(ident, said, written)
        if said.streams:
            events = written.events(ident)
            gaps = self._gaps(step, record, len(events))
            return Score(events, gaps, streamed=True, usage=written.usage if said.usage_wanted else None)
        gaps = self._gaps(step, record, written.chunks)
        return Score([written.document(ident)], [sum(gaps)] if gaps else [], usage=written.usage)

    def _written(self, said: Body, record: Record, step: Step, endpoint: Endpoint) -> Answer:
        """The answer as it is sent; a scripted one must fit the request."""
        key = id(step), self._seed
        found = said.written.get(key)
        if found is not None and found[0] is step:
            return found[1]  # type: ignore[no-any-return]
        if isinstance(step, Reply):
            content.check(said, step, record.rule)
            written = endpoint.answer(said, step)
        else:
            written = endpoint.answer(said, content.made_up(said, self._seed, self._author))
        if len(said.written) >= MOST_WRITTEN:
            said.written.clear()
        said.written[key] = step, written
        return written

    def _ident(self, record: Record) -> str:
        """The id of an answer, 24 hexadecimal digits: the same for the same seed, question and number."""
        return f"{zlib.crc32(record.asked.key.encode(errors='replace'), self._seed):08x}{number(record):016x}"
