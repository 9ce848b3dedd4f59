"""The scripted OpenAI from a scenario's side."""

from typing import ClassVar

import msgspec

from harness.providers import client, ledger, scenario
from harness.providers.limits import PLENTY
from harness.providers.openai.behaviour import Behaviour
from harness.providers.openai.ledger import Call
from harness.providers.openai.limits import Limits
from harness.providers.openai.scenario import Dialect, Scenario
from harness.providers.openai.script import CHAT, Match, Rule


class FakeOpenAI(client.Client[Call, Scenario]):
    """A running scripted OpenAI. See client.Client; `unscripted` may be `ours` too, where the server has an author."""

    API: ClassVar[str] = "/v1"
    CALL: ClassVar[type[ledger.Call]] = Call
    SCENARIO: ClassVar[type[scenario.Scenario]] = Scenario
    SHOWN: ClassVar[tuple[str, ...]] = ("step", "concept", "outcome")

    def on(
        self,
        *,
        path: str = CHAT,
        step: str | None = None,
        concept: str | None = None,
        request: str | None = None,
        correlation: str | None = None,
        schema: str | None = None,
        model: str | None = None,
        contains: str | None = None,
    ) -> Behaviour:
        """The calls that must be answered differently; nothing changes before a method of the Behaviour is called.

        Args:
            path: below /v1.
            step: of the work that it is for, by the client's correlation.
            concept: subject of the step, also by the correlation.
            request: the work's id, also by the correlation.
            correlation: the whole header.
            schema: name of the structured output.
            model: that is asked.
            contains: text in the last message.
        """
        match = Match(
            path=path,
            request=request,
            step=step,
            concept=concept,
            correlation=correlation,
            schema=schema,
            model=model,
            contains=contains,
        )
        return Behaviour(self.put, Rule(id=self._name(), match=match, steps=()))

    def dialect(self, name: Dialect) -> None:
        """Act like a provider that is only compatible, until the reset.

        Args:
            name: the most that a `response_format` may be; see Scenario.
        """
        self._ask("PUT", "dialect", msgspec.json.encode(name))

    def limit(self, *, requests: float = PLENTY, tokens: float = PLENTY, per: float = 60.0) -> None:
        """Answer 429 to calls beyond this limit, until the reset.

        Args:
            requests: of one period.
            tokens: of one period.
            per: the period in seconds.
        """
        self.limits(Limits(requests=requests, tokens=tokens, per=per))
