"""A rule between the fields of a request, which the description's types cannot express."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Broken:
    """How a request breaks a rule.

    Args:
        parameter: at fault; None where the provider names none.
        said: the provider's sentence.
    """

    parameter: str | None
    said: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What must hold between the fields of a request.

    Args:
        says: the rule, for people.
        code: of the provider's error; None where it has none.
        find: how a request breaks it; None where it does not. It is called only if the types are right.
        broken: a part of a request that breaks it, laid over a good one, with None for what it leaves out; for people and for
            tests.
        parameter: that the provider then names.
        kept: a part that keeps it, likewise.
    """

    says: str
    code: str | None
    find: Callable[[Body], Broken | None]
    broken: Body
    parameter: str | None
    kept: Body


def only_streamed(example: Body) -> "Rule":
    """The rule for `stream_options`, which each endpoint that streams has.

    Args:
        example: of these options.
    """
    said = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
    alone = {"stream_options": example}
    return Rule(
        "`stream_options` only with `stream`",
        None,
        needs("stream_options", "stream", said),
        alone,
        "stream_options",
        {**alone, "stream": True},
    )


def needs(name: str, other: str, said: str) -> Callable[[Body], Broken | None]:
    """A parameter that is only allowed beside another one.

    Args:
        name: of it.
        other: parameter that must be there, and not false or empty.
        said: the sentence where it is not.
    """

    def find(body: Body) -> Broken | None:
        return Broken(name, said) if body.get(name) is not None and not body.get(other) else None

    return find
