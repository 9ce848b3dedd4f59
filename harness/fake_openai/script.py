"""What a scenario may ask the provider to do: rules, and the steps each takes call by call. Also their form on the wire."""

from collections import Counter
from typing import Any

import msgspec


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a call asked for, as far as rules can tell.

    Args:
        request: the roadmap's id, from X-Client-Request-Id; '' where the header says nothing.
        step: of the pipeline.
        concept: '' where it is for the whole roadmap.
        attempt: the client's own count.
        schema: name of the JSON schema that the answer must fit.
        model: that is asked.
        message: the last one of the chat.
    """

    request: str = ""
    step: str = ""
    concept: str = ""
    attempt: int = 0
    schema: str = ""
    model: str = ""
    message: str = ""

    @property
    def key(self) -> str:
        """What counters belong to: one thing asked, over all its attempts; never global."""
        return (
            f"{self.request}/{self.step}/{self.concept}" if self.request else f"{self.schema}/{self.message}"
        )


class Match(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which calls a rule is for: each field that is set must be equal; `contains` must be in the last message."""

    request: str | None = None
    step: str | None = None
    concept: str | None = None
    schema: str | None = None
    model: str | None = None
    contains: str | None = None

    def fits(self, asked: Asked) -> bool:
        wanted = {name: getattr(self, name) for name in ("request", "step", "concept", "schema", "model")}
        equal = all(value is None or value == getattr(asked, name) for name, value in wanted.items())
        return equal and (self.contains is None or self.contains in asked.message)


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One kind of behaviour.

    Args:
        times: calls of one key that get it; None for all that follow.
        latency: seconds before anything is sent, beyond the provider's own.
    """

    times: int | None = None
    latency: float = 0.0


class Reply(Step, tag="reply", frozen=True, kw_only=True):
    """Answer with this.

    Args:
        content: the structured output, or text.
        wrong: that it does not fit the schema is meant.
        finish_reason: of the choice.
        refusal: the model's words of refusal, instead of content.
    """

    content: Any = None
    wrong: bool = False
    finish_reason: str = "stop"
    refusal: str | None = None


class Synthesise(Step, tag="synthesise", frozen=True, kw_only=True):
    """Answer as if there were no rule."""


class Fault(Step, tag="fault", frozen=True, kw_only=True):
    """Answer with an error.

    Args:
        status: of HTTP.
        code: of the error body.
        headers: such as Retry-After.
    """

    status: int = 500
    code: str | None = None
    headers: dict[str, str] = {}


class Hang(Step, tag="hang", frozen=True, kw_only=True):
    """Do not answer: for this many seconds, or until the client goes."""

    seconds: float | None = None


class Cut(Step, tag="cut", frozen=True, kw_only=True):
    """Announce a whole body, send half of it, and close."""


class Malformed(Step, tag="malformed", frozen=True, kw_only=True):
    """Answer 200 with JSON that is none."""


AnyStep = Reply | Synthesise | Fault | Hang | Cut | Malformed


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """For these calls, these steps, in order; after the last one the next rule has its turn."""

    id: str
    match: Match
    steps: tuple[AnyStep, ...]


class Script:
    """The rules in force. The first that fits and still has a step decides."""

    def __init__(self) -> None:
        self._rules: dict[str, Rule] = {}
        self._taken: Counter[tuple[str, str]] = Counter()

    def put(self, rule: Rule) -> None:
        """Add a rule, or replace the one of the same id."""
        self._rules[rule.id] = rule

    def clear(self) -> None:
        self._rules.clear()
        self._taken.clear()

    def next_step(self, asked: Asked) -> tuple[str, AnyStep]:
        """The rule that decides, and its step for this call; '' where no rule does."""
        for rule in self._rules.values():
            if rule.match.fits(asked):
                step = self._take(rule, asked.key)
                if step is not None:
                    return rule.id, step
        return "", Synthesise()

    def _take(self, rule: Rule, key: str) -> AnyStep | None:
        number = self._taken[rule.id, key]
        for step in rule.steps:
            if step.times is None or number < step.times:
                self._taken[rule.id, key] += 1
                return step
            number -= step.times
        return None
