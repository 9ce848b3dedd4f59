"""The judges: what must hold of any application's evidence. A new one is a file and a line here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

from harness.application import App
from harness.evidence.checks.connections import connections
from harness.evidence.checks.descriptors import descriptors
from harness.evidence.checks.faults_bitten import faults_bitten
from harness.evidence.checks.finding import Finding, Outcome
from harness.evidence.checks.latency import latency
from harness.evidence.checks.memory import memory
from harness.evidence.checks.no_secret import no_secret
from harness.evidence.checks.no_unexpected_error import no_unexpected_error
from harness.evidence.checks.nothing_lost import nothing_lost
from harness.evidence.evidence import Evidence

Check = Callable[[Evidence], Finding]
ALWAYS: tuple[Check, ...] = (no_secret,)
WHERE_HURT: tuple[Check, ...] = (faults_bitten,)
WHERE_SAMPLED: tuple[Check, ...] = (connections, descriptors, memory)

__all__ = ["ALWAYS", "WHERE_HURT", "WHERE_SAMPLED", "Check", "Finding", "Judges", "Outcome"]


@dataclass(frozen=True, slots=True)
class Judges:
    """The checks of one application: its own, and those that hold of any.

    Args:
        always: asked of every scenario.
        where_hurt: asked where there was a fault.
        where_sampled: asked where somebody sampled: a scenario that hurts nothing is spared the price.
    """

    always: tuple[Check, ...]
    where_hurt: tuple[Check, ...] = WHERE_HURT
    where_sampled: tuple[Check, ...] = WHERE_SAMPLED

    @classmethod
    def of(cls, app: App) -> Self:
        """Those of an application.

        Args:
            app: with checks, budgets and work of its own.
        """
        own = (*app.checks, no_unexpected_error(app.errors))
        declared = [work for work in app.work if work.state]
        if declared and "nothing_lost" not in {check.__name__ for check in own}:
            own += (nothing_lost(declared),)
        if app.budgets:
            own += (latency(app.budgets, app.asked()),)
        return cls(own + ALWAYS)

    def __iter__(self) -> Iterator[Check]:
        return iter(self.always + self.where_hurt + self.where_sampled)

    def judge(self, evidence: Evidence) -> dict[str, Finding]:
        """What every check that applies says, by its name.

        What the scenario has nothing for is left out, by name, as the evidence says.

        Args:
            evidence: of a scenario, live or saved.
        """
        asked = self.always
        if evidence.faults:
            asked += self.where_hurt
        if evidence.records("sample"):
            asked += self.where_sampled
        return {
            check.__name__: check(evidence) for check in asked if check.__name__ not in evidence.not_judged
        }
