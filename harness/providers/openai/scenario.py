"""How this provider behaves, as one document."""

from typing import Literal

from harness.providers import scenario
from harness.providers.openai.limits import Limits
from harness.providers.openai.script import Rule

Dialect = Literal["json_schema", "json_object", "text"]
Unscripted = Literal["anything", "ours", "nothing"]


class Scenario(scenario.Scenario, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """How the provider behaves. See scenario.Scenario.

    Args:
        unscripted: may be `ours` too: only prompts that the author knows are answered.
        lenient: whether to answer requests that the real provider would refuse; None for the server's option.
        dialect: the most that a `response_format` may be, for providers that are only compatible: `json_schema` is the provider
            itself, `json_object` refuses schemas, `text` refuses both. None for the server's option.
        models: existing models; if none is named, every model exists.
        stored: ids of completions that were stored before.
    """

    unscripted: Unscripted = "anything"
    lenient: bool | None = None
    dialect: Dialect | None = None
    limits: Limits = Limits()
    models: tuple[str, ...] = ()
    stored: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
