"""The scripted provider from a scenario's side: say how it shall behave, see what it was asked."""

import itertools
from typing import Any, Self

import msgspec

from harness.fake_openai.recorder import Call
from harness.fake_openai.script import (
    AnyStep,
    Cut,
    Fault,
    Hang,
    Malformed,
    Match,
    Reply,
    Rule,
    Synthesise,
)
from harness.http import http_client
from harness.wait import eventually

TIMEOUT_SECONDS = 10.0
WAIT_SECONDS = 30.0


class Behaviour:
    """A rule being written. Each verb takes effect at once, and adds a step after those before it.

    A verb with `times` is for so many calls of each thing asked; without, for all that follow. After the last step the
    provider answers as it would have without the rule.
    """

    def __init__(self, openai: "FakeOpenAI", rule: Rule) -> None:
        self._openai = openai
        self._rule = rule

    def replies(
        self, content: Any, *, times: int | None = None, wrong: bool = False, latency: float = 0
    ) -> Self:
        """Answer with this content.

        Args:
            content: must fit the schema of the request, unless it is `wrong` on purpose.
            times: calls.
            wrong: that it does not fit is meant.
            latency: seconds.
        """
        return self._then(Reply(content=content, times=times, wrong=wrong, latency=latency))

    def refuses(self, *, times: int | None = None) -> Self:
        """Answer with a refusal of the model."""
        return self._then(Reply(refusal="I cannot help with that.", times=times))

    def truncates(self, *, times: int | None = None) -> Self:
        """Stop at the length limit, in the middle of the content."""
        return self._then(Reply(content='{"title": "Cut o', wrong=True, finish_reason="length", times=times))

    def fails(
        self,
        status: int,
        *,
        times: int | None = None,
        retry_after: float | None = None,
        code: str | None = None,
    ) -> Self:
        """Answer with an HTTP error.

        Args:
            status: such as 429 or 500.
            times: calls.
            retry_after: seconds, sent as retry-after-ms.
            code: of the error body.
        """
        headers = {} if retry_after is None else {"retry-after-ms": str(round(retry_after * 1000))}
        return self._then(Fault(status=status, times=times, headers=headers, code=code))

    def hangs(self, seconds: float | None = None, *, times: int | None = None) -> Self:
        """Answer late, or never."""
        return self._then(Hang(seconds=seconds, times=times))

    def cuts(self, *, times: int | None = None) -> Self:
        """Break off in the middle of the answer."""
        return self._then(Cut(times=times))

    def garbles(self, *, times: int | None = None) -> Self:
        """Answer with JSON that is none."""
        return self._then(Malformed(times=times))

    def answers(self, *, times: int | None = None, latency: float = 0) -> Self:
        """Answer as it would have without the rule, perhaps late."""
        return self._then(Synthesise(times=times, latency=latency))

    def _then(self, step: AnyStep) -> Self:
        self._rule = msgspec.structs.replace(self._rule, steps=(*self._rule.steps, step))
        self._openai.put(self._rule)
        return self


class FakeOpenAI:
    """A scripted provider that runs.

    Args:
        url: of the server, without a path.
    """

    def __init__(self, url: str) -> None:
        self.base_url = f"{url}/v1"
        self._http = http_client(f"{url}/__fake/", TIMEOUT_SECONDS)
        self._ids = itertools.count(1)

    def on(
        self,
        *,
        step: str | None = None,
        concept: str | None = None,
        request: str | None = None,
        schema: str | None = None,
        model: str | None = None,
        contains: str | None = None,
    ) -> Behaviour:
        """The calls that shall be answered otherwise; nothing changes before a verb of the Behaviour is called.

        Args:
            step: of the pipeline: intent, curriculum, repair, tutorial, resources, quiz.
            concept: its id.
            request: the roadmap's id.
            schema: name of the structured output.
            model: that is asked.
            contains: text in the last message.
        """
        match = Match(
            request=request, step=step, concept=concept, schema=schema, model=model, contains=contains
        )
        return Behaviour(self, Rule(id=f"rule-{next(self._ids)}", match=match, steps=()))

    def latency(self, seconds: float) -> None:
        """Let every answer take so much longer, until the reset."""
        self._ask("PUT", "latency", msgspec.json.encode(float(seconds)))

    def put(self, rule: Rule) -> None:
        """Add or replace a rule."""
        self._ask("PUT", "rule", msgspec.json.encode(rule))

    def calls(self, **wanted: Any) -> list[Call]:
        """The calls so far, in order.

        Args:
            wanted: fields of Call that must be equal, such as `step="quiz"`.
        """
        calls = msgspec.json.decode(self._ask("GET", "calls"), type=list[Call])
        return [call for call in calls if all(getattr(call, name) == value for name, value in wanted.items())]

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

    def stats(self) -> dict[str, float]:
        """`calls` and `running` ones, and the server's own `cpu_seconds`."""
        found: dict[str, float] = msgspec.json.decode(self._ask("GET", "stats"))
        return found

    def reset(self) -> None:
        """Forget every rule, call and latency."""
        self._ask("POST", "reset")

    def close(self) -> None:
        self._http.close()

    def _ask(self, method: str, path: str, content: bytes | None = None) -> bytes:
        response = self._http.request(method, path, content=content)
        if response.is_error:
            raise ValueError(f"the scripted provider refused {method} {path}: {response.text}")
        return response.content
