"""A scripted HTTP service from a scenario's side."""

from collections.abc import Mapping
from typing import ClassVar

from harness.providers import client, scenario
from harness.providers.http.behaviour import Behaviour
from harness.providers.http.scenario import Rule, Scenario
from harness.providers.ledger import Call
from harness.providers.limits import Limits
from harness.providers.script import Match


class FakeHttp(client.Client[Call, Scenario]):
    """A running scripted HTTP service. See client.Client."""

    SCENARIO: ClassVar[type[scenario.Scenario]] = Scenario

    def on(
        self,
        *,
        method: str | None = None,
        path: str | None = None,
        headers: Mapping[str, str] | None = None,
        contains: str | None = None,
        request: str | None = None,
        step: str | None = None,
        concept: str | None = None,
        correlation: str | None = None,
    ) -> Behaviour:
        """The calls that must be answered differently; nothing changes before a method of the Behaviour is called.

        Args:
            method: of HTTP.
            path: without the query.
            headers: that must be equal.
            contains: text in the body.
            request: id of the work that it is for, by the client's correlation.
            step: step of that work, also by the correlation.
            concept: subject of the step, also by the correlation.
            correlation: the whole header.
        """
        match = Match(
            method=method,
            path=path,
            headers=dict(headers or {}),
            contains=contains,
            request=request,
            step=step,
            concept=concept,
            correlation=correlation,
        )
        return Behaviour(self.put, Rule(id=self._name(), match=match, steps=()))

    def limit(self, requests: float, per: float = 60.0) -> None:
        """Answer 429 to calls beyond this limit, until the reset.

        Args:
            requests: of one period.
            per: the period in seconds.
        """
        self.limits(Limits(requests=requests, per=per))
