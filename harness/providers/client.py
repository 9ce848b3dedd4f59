"""The scripted provider from a scenario's side: say how it shall behave, see what it was asked."""

import itertools
from pathlib import Path
from typing import Any

import msgspec

from harness.base.http import http_client
from harness.base.wait import eventually
from harness.providers.openai.behaviour import Behaviour
from harness.providers.openai.latency import Delay, Pace
from harness.providers.openai.ledger import Call
from harness.providers.openai.limits import PLENTY, Limits
from harness.providers.openai.scenario import Scenario, Unscripted, load
from harness.providers.openai.script import CHAT, Match, Rule

TIMEOUT_SECONDS = 10.0
WAIT_SECONDS = 30.0


class FakeOpenAI:
    """A scripted provider that runs.

    Args:
        url: of the server, without a path.
        api_key: opens a space of its own for who sends this key: nothing that is said here is felt by others.
        space: the same by address: only who uses this object's `base_url` is in it.
    """

    def __init__(self, url: str, api_key: str = "", space: str = "") -> None:
        root = f"{url}/s/{space}" if space else url
        self.base_url = f"{root}/v1"
        headers = {"authorization": f"Bearer {api_key}"} if api_key else {}
        self._http = http_client(f"{root}/__fake/", TIMEOUT_SECONDS, headers=headers)
        self._ids = itertools.count(1)

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
        """The calls that shall be answered otherwise; nothing changes before a verb of the Behaviour is called.

        Args:
            path: below /v1.
            step: of the pipeline: intent, curriculum, repair, tutorial, resources, quiz.
            concept: its id.
            request: the roadmap's id.
            correlation: the whole X-Client-Request-Id header.
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
        return Behaviour(self.put, Rule(id=f"rule-{next(self._ids)}", match=match, steps=()))

    def put(self, rule: Rule) -> None:
        """Add or replace a rule."""
        self._ask("PUT", "rule", msgspec.json.encode(rule))

    def load(self, scenario: Scenario | Path) -> None:
        """Behave like this instead of what was said before.

        Args:
            scenario: or a file of it, in TOML.

        Raises:
            ScenarioError: the file cannot be read.
        """
        found = load(scenario) if isinstance(scenario, Path) else scenario
        self._ask("PUT", "scenario", msgspec.json.encode(found))

    def latency(self, first: float | Delay, between: float | Delay = 0.0) -> None:
        """Let every answer take so long, until the reset.

        Args:
            first: seconds until the first token.
            between: seconds between two chunks.
        """
        self._ask("PUT", "pace", msgspec.json.encode(Pace(first=first, between=between)))

    def limit(self, *, requests: float = PLENTY, tokens: float = PLENTY, per: float = 60.0) -> None:
        """Answer 429 to what is more than this, until the reset.

        Args:
            requests: of one period.
            tokens: of one period.
            per: the period in seconds.
        """
        self._ask("PUT", "limits", msgspec.json.encode(Limits(requests=requests, tokens=tokens, per=per)))

    def unscripted(self, allowed: Unscripted) -> None:
        """What is answered where no rule decides, until the reset: `anything`, only prompts that are `ours`, or `nothing`."""
        self._ask("PUT", "unscripted", msgspec.json.encode(allowed))

    def calls(self, **wanted: Any) -> list[Call]:
        """The calls so far, in order.

        Args:
            wanted: fields of Call that must be equal, such as `step="quiz"`.
        """
        texts = {name: str(value) for name, value in wanted.items()}
        return msgspec.json.decode(self._ask("GET", "calls", params=texts), type=list[Call])

    def unmatched(self) -> list[Call]:
        """The calls that no rule matched; the note of each shows it beside the nearest rule."""
        return self.calls(outcome="unmatched")

    def wait_for(self, count: int = 1, timeout: float = WAIT_SECONDS, **wanted: Any) -> list[Call]:
        """The calls, as soon as there are so many of them.

        Raises:
            TimeoutError: there were not; shows the steps that were asked.
        """

        def enough() -> list[Call] | None:
            found = self.calls(**wanted)
            return found if len(found) >= count else None

        return eventually(
            enough,
            timeout=timeout,
            what=f"{count} calls to the provider with {wanted}",
            evidence=lambda: f"asked so far: {[(c.step, c.concept, c.outcome) for c in self.calls()]}",
        )

    def body(self, call: Call) -> Any:
        """The request that a call was."""
        return msgspec.json.decode(self._ask("GET", f"bodies/{call.index}"))

    def totals(self) -> dict[str, Any]:
        """Sums since the reset, as in ledger.Totals, and the server's own `cpu_seconds`."""
        found: dict[str, Any] = msgspec.json.decode(self._ask("GET", "totals"))
        return found

    def reset(self) -> None:
        """Forget every rule, call and latency."""
        self._ask("POST", "reset")

    def close(self) -> None:
        self._http.close()

    def _ask(
        self, method: str, path: str, content: bytes | None = None, params: dict[str, str] | None = None
    ) -> bytes:
        response = self._http.request(method, path, content=content, params=params or {})
        if response.is_error:
            raise ValueError(f"the scripted provider refused {method} {path}: {response.text}")
        return response.content
