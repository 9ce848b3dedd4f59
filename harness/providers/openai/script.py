"""Which calls to this provider get which steps."""

from typing import ClassVar

from harness.providers import script
from harness.providers.openai.steps import AnyStep

CHAT = "/chat/completions"


class Asked(script.Asked, frozen=True, kw_only=True, gc=False):
    """The fields of a call that rules can match. See script.Asked; the message is the last one of the chat.

    Args:
        schema: name of the JSON schema that the answer must fit.
        model: that is asked.
    """

    SHOWN: ClassVar[tuple[str, ...]] = ("path", "model", "schema", "correlation")

    path: str = CHAT
    schema: str = ""
    model: str = ""


class Match(script.Match, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Which calls a rule is for. See script.Match."""

    FIELDS: ClassVar[tuple[str, ...]] = (
        *("method", "path", "model", "schema"),
        *("request", "step", "concept", "correlation"),
    )
    ANY: ClassVar[str] = "any chat completion"
    MESSAGE: ClassVar[str] = "the last message"

    path: str | None = CHAT
    model: str | None = None
    schema: str | None = None


class Rule(script.Rule, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """For these calls, these steps, in order. See script.Rule."""

    match: Match = Match()
    steps: tuple[AnyStep, ...]
