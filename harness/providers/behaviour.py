"""Writes a rule in Python: each method adds a step."""

from collections.abc import Callable
from typing import Any, Literal, Self

import msgspec

from harness.providers.latency import Delay
from harness.providers.script import Rule
from harness.providers.steps import Answer, Cut, Fault, Garble, Hang, Stall, Step


class Behaviour:
    """A rule being written. Each method takes effect at once, and adds a step after the earlier ones.

    A step with `times` is for so many calls of each question; without it, for all later calls. After the last step the next rule
    applies, or the provider answers as without the rule.

    Args:
        put: sends a rule to the provider.
        rule: without steps.
    """

    def __init__(self, put: Callable[[Rule], None], rule: Rule) -> None:
        self._put = put
        self._rule = rule

    def answer(
        self, *, times: int | None = None, latency: float | Delay = 0.0, between: float | Delay = 0.0
    ) -> Self:
        """Answer as without the rule, perhaps late."""
        return self._then(Answer(times=times, latency=latency, between=between))

    def fail(
        self,
        status: int,
        *,
        times: int | None = None,
        retry_after: float | str | None = None,
        code: str | None = None,
        html: bool = False,
    ) -> Self:
        """Answer with an HTTP error.

        Args:
            status: such as 429 or 500.
            times: calls.
            retry_after: seconds, or a date as HTTP writes it.
            code: of the error body.
            html: sends a gateway's page instead of the error body.
        """
        return self._then(Fault(status=status, times=times, retry_after=retry_after, code=code, html=html))

    def hang(self, seconds: float | None = None, *, times: int | None = None) -> Self:
        """Answer late, or never."""
        return self._then(Hang(seconds=seconds, times=times))

    def stall(
        self,
        seconds: float | None = None,
        *,
        at: float = 0.5,
        trickle: float = 0.0,
        times: int | None = None,
    ) -> Self:
        """Stop sending in the middle of the answer.

        Args:
            seconds: until the rest comes; None for never.
            at: the part of the answer that is sent before, 0 to 1.
            trickle: seconds between two spaces sent meanwhile; 0 for silence.
            times: calls.
        """
        return self._then(Stall(seconds=seconds, at=at, trickle=trickle, times=times))

    def cut(
        self,
        how: Literal["reset", "close", "short", "unfinished", "early"] = "short",
        *,
        at: float = 0.5,
        times: int | None = None,
    ) -> Self:
        """Break off the answer; see steps.Cut for the ways."""
        return self._then(Cut(how=how, at=at, times=times))

    def garble(
        self,
        how: Literal["json", "empty", "html", "sse", "event"] = "json",
        *,
        times: int | None = None,
    ) -> Self:
        """Answer 200 with something else; see steps.Garble for the ways."""
        return self._then(Garble(how=how, times=times))

    def cycle(self) -> Self:
        """After the last step, begin again with the first."""
        return self._change(after="cycle")

    def no_more(self) -> Self:
        """After the last step, a further call fails the scenario, as a call without a matching rule does."""
        return self._change(after="nothing")

    def _then(self, step: Step) -> Self:
        return self._change(steps=(*self._rule.steps, step))

    def _change(self, **changes: Any) -> Self:
        self._rule = msgspec.structs.replace(self._rule, **changes)
        self._put(self._rule)
        return self
