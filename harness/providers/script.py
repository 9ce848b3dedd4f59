"""Rules: which calls get which steps, in order. Counters belong to a question, never to the whole server."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import msgspec

from harness.providers.steps import Step

NO_HEADERS: Mapping[bytes, bytes] = {}
MOST_COUNTERS = 100_000  # questions to one rule that are remembered; the oldest are forgotten first


class Asked(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The fields of a call that rules can match.

    Args:
        method: of HTTP.
        path: below the provider's API.
        request: id of the work that it is a part of, by the client's correlation; '' where that is missing.
        step: of that work.
        concept: subject of the step by its name in the call's text, else by its id; '' where it is about the whole.
        concept_id: the concept's id, by the correlation.
        attempt: the client's own count.
        correlation: the header as it came.
        message: the text that rules look into.
        key: the question that counters belong to, the same for all its attempts.
    """

    SHOWN: ClassVar[tuple[str, ...]] = ("method", "path", "correlation")  # shown when no rule matches

    method: str = "POST"
    path: str = ""
    request: str = ""
    step: str = ""
    concept: str = ""
    concept_id: str = ""
    attempt: int = 0
    correlation: str = ""
    message: str = ""
    key: str = ""


class Match(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Which calls a rule is for: each field that is set must be equal, each header too; the message must contain `contains`."""

    FIELDS: ClassVar[tuple[str, ...]] = ("method", "path", "request", "step", "concept", "correlation")
    ANY: ClassVar[str] = "any call"
    MESSAGE: ClassVar[str] = "the body"  # name of the text in which `contains` is searched

    method: str | None = None
    path: str | None = None
    request: str | None = None
    step: str | None = None
    concept: str | None = None
    correlation: str | None = None
    contains: str | None = None
    headers: dict[str, str] = {}

    def wanted(self) -> list[tuple[str, str]]:
        """The fields that must be equal."""
        values = [(name, getattr(self, name)) for name in self.FIELDS]
        return [(name, value) for name, value in values if value is not None]

    def wanted_headers(self) -> list[tuple[bytes, bytes]]:
        """The headers that must be equal, as they come."""
        return [(name.lower().encode(), value.encode()) for name, value in self.headers.items()]

    def differences(self, asked: Asked, headers: Mapping[bytes, bytes] = NO_HEADERS) -> list[str]:
        """Why it does not fit, field by field; empty where it does."""
        found = [
            f"{name} is {getattr(asked, name)!r}, not {value!r}"
            for name, value in self.wanted()
            if getattr(asked, name) != value
        ]
        if self.contains is not None and self.contains not in asked.message:
            found.append(f"{self.contains!r} is not in {self.MESSAGE}")
        for name, value in self.wanted_headers():
            if headers.get(name) != value:
                found.append(f"{name.decode()} is {_text(headers.get(name))!r}, not {value.decode()!r}")
        return found

    def __str__(self) -> str:
        usual = type(self)()
        fields: dict[str, Any] = {
            name: value for name, value in self.wanted() if value != getattr(usual, name)
        }
        if self.contains is not None:
            fields["contains"] = self.contains
        if self.headers:
            fields["headers"] = self.headers
        return f"({', '.join(f'{name}={value!r}' for name, value in fields.items()) or self.ANY})"


class Rule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """For these calls, these steps, in order.

    Args:
        id: a name; made up where there is none.
        match: the calls.
        steps: steps for each of them.
        after: what follows the last step for the same key: the `next` rule applies, the steps `cycle`, or `nothing`, as if no
            rule had matched.
    """

    id: str = ""
    match: Match = Match()
    steps: tuple[Step, ...]
    after: Literal["next", "cycle", "nothing"] = "next"


class Taken(msgspec.Struct, frozen=True, gc=False):
    """A rule that has decided.

    Args:
        rule: its id.
        index: of the step, from 0.
        step: what to do; None where the rule has nothing more for this call.
    """

    rule: str
    index: int
    step: Step | None


class _Active:
    """A rule in force, with its counters."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.wanted = rule.match.wanted()
        self.headers = rule.match.wanted_headers()
        self.contains = rule.match.contains
        # A first step without `times` never changes, so no counter is needed: load runs have millions of keys.
        self.constant = (
            Taken(rule.id, 0, rule.steps[0]) if rule.steps and rule.steps[0].times is None else None
        )
        self.total = sum(step.times or 0 for step in rule.steps)
        self.counters: OrderedDict[str, int] = OrderedDict()

    def fits(self, asked: Asked, headers: Mapping[bytes, bytes]) -> bool:
        for name, value in self.wanted:
            if getattr(asked, name) != value:
                return False
        for header, content in self.headers:
            if headers.get(header) != content:
                return False
        return self.contains is None or self.contains in asked.message

    def take(self, key: str) -> Taken | None:
        """The step for this call; None where the next rule applies."""
        if self.constant is not None:
            return self.constant
        number = self.counters.pop(key, 0)
        if self.rule.after == "cycle" and self.total and self.rule.steps[-1].times is not None:
            number %= self.total
        self.counters[key] = number + 1
        if len(self.counters) > MOST_COUNTERS:
            self.counters.popitem(last=False)
        for index, step in enumerate(self.rule.steps):
            if step.times is None or number < step.times:
                return Taken(self.rule.id, index, step)
            number -= step.times
        return Taken(self.rule.id, len(self.rule.steps), None) if self.rule.after == "nothing" else None


class Script:
    """The rules in force. The first that fits and still has a step decides."""

    def __init__(self) -> None:
        self._rules: dict[str, _Active] = {}

    def put(self, rule: Rule) -> None:
        """Add a rule, or replace the one of the same id, whose counters go on."""
        rule = rule if rule.id else msgspec.structs.replace(rule, id=f"rule-{len(self._rules) + 1}")
        active = _Active(rule)
        if rule.id in self._rules:
            active.counters = self._rules[rule.id].counters
        self._rules[rule.id] = active

    def clear(self) -> None:
        self._rules.clear()

    def take(self, asked: Asked, headers: Mapping[bytes, bytes] = NO_HEADERS) -> Taken | None:
        """The rule that decides, and its step for this call; None where no rule does.

        Args:
            asked: fields of the call.
            headers: of HTTP, names in lower case.
        """
        for active in self._rules.values():
            if active.fits(asked, headers) and (taken := active.take(asked.key)) is not None:
                return taken
        return None

    def nearest(self, asked: Asked, headers: Mapping[bytes, bytes] = NO_HEADERS) -> str:
        """The rule that is nearest to an unmatched call, and the differences; arguments as in `take`."""
        best: tuple[int, str] | None = None
        for active in self._rules.values():
            differences = active.rule.match.differences(asked, headers)
            if best is None or len(differences) < best[0]:
                why = "; ".join(differences) or f"its steps are used up for {asked.key!r}"
                best = len(differences), f"{active.rule.id} {active.rule.match}: {why}"
        return best[1] if best else "there is no rule"


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode(errors="replace")
