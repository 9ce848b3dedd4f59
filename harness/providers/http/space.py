"""One client's space at a plain HTTP service: every path exists, and has the same answer unless a rule says otherwise."""

from typing import ClassVar

from harness.providers import scenario, script, space
from harness.providers.exchange import BODILESS, Exchange
from harness.providers.http.scenario import Rule, Scenario
from harness.providers.http.steps import Reply
from harness.providers.ledger import Record
from harness.providers.score import Score
from harness.providers.script import Asked
from harness.providers.steps import Step


class Space(space.Space[Scenario, Record]):
    """One client's space. See space.Space."""

    SCENARIO: ClassVar[type[scenario.Scenario]] = Scenario
    RULE: ClassVar[type[script.Rule]] = Rule

    def use(self, scenario: Scenario) -> None:
        """See space.Space."""
        super().use(scenario)
        self._usual = scenario.reply

    def _asked(self, exchange: Exchange, path: str, message: str) -> Asked:
        """See space.Space; without a correlation, method and path are the question."""
        said = {
            "method": exchange.method,
            "path": path,
            "message": message,
            "key": f"{exchange.method} {path}",
        }
        return Asked(**{**said, **self._correlation.read(exchange.headers, self._correlation.named(message))})

    def _score(
        self, exchange: Exchange, step: Step, record: Record, path: str, query: str, body: bytes
    ) -> Score:
        """See space.Space."""
        del exchange, path, query, body
        reply = step if isinstance(step, Reply) else self._usual
        given = [(name.encode(), value.encode("latin-1")) for name, value in reply.all_headers().items()]
        content = b"" if reply.status in BODILESS else reply.content()
        gaps = self._gaps(step, record, 1)
        return Score([content], gaps, status=reply.status, head=given[0], headers=tuple(given[1:]))
