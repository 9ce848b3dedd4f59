"""How this provider behaves, as one document."""

from typing import Literal

from harness.providers import scenario
from harness.providers.openai.limits import Limits
from harness.providers.openai.script import Rule

Unscripted = Literal["anything", "ours", "nothing"]


class Scenario(scenario.Scenario, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """How the provider behaves. See scenario.Scenario.

    Args:
        unscripted: may be `ours` too: only prompts that the author knows are answered.
        models: that exist; every one does, where none is named.
        stored: ids of completions that were stored before.
    """

    unscripted: Unscripted = "anything"
    limits: Limits = Limits()
    models: tuple[str, ...] = ()
    stored: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
