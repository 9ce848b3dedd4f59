"""How a plain HTTP service behaves, as one document."""

from typing import Literal

from harness.providers import scenario, script
from harness.providers.http.steps import AnyStep, Reply

Unscripted = Literal["anything", "nothing"]


class Rule(script.Rule, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """For these calls, these steps, in order. See script.Rule."""

    steps: tuple[AnyStep, ...]


class Scenario(scenario.Scenario, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """How it behaves. See scenario.Scenario.

    Args:
        reply: answer to calls that no rule decides.
    """

    unscripted: Unscripted = "anything"
    reply: Reply = Reply()
    rules: tuple[Rule, ...] = ()
