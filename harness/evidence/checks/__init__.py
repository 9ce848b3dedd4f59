"""The checks that must hold for any application's evidence. A new check is a file and a line here."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from harness.application import App
from harness.evidence.checks.alive import alive
from harness.evidence.checks.check import Check, needs
from harness.evidence.checks.connections import connections
from harness.evidence.checks.descriptors import descriptors
from harness.evidence.checks.faults_bitten import faults_bitten
from harness.evidence.checks.finding import Finding, Outcome
from harness.evidence.checks.latency import latency
from harness.evidence.checks.memory import memory
from harness.evidence.checks.no_secret import no_secret
from harness.evidence.checks.no_unexpected_error import no_unexpected_error
from harness.evidence.checks.nothing_lost import nothing_lost
from harness.evidence.checks.whole import whole
from harness.evidence.evidence import Evidence
from harness.evidence.whole import Parts

WHERE_SAMPLED: tuple[Check, ...] = (connections, descriptors, memory)
OF_ANY: tuple[Check, ...] = (no_secret, alive, faults_bitten, *WHERE_SAMPLED)

__all__ = ["OF_ANY", "Check", "Finding", "Judges", "Outcome", "needs"]


@dataclass(frozen=True, slots=True)
class Judges:
    """The checks of one application: its own, and those for any application. All of them judge every scenario.

    Args:
        checks: of any evidence of it.
    """

    checks: tuple[Check, ...]

    @classmethod
    def of(cls, app: App) -> Self:
        """The checks of an application.

        Args:
            app: with checks, budgets and work of its own.
        """
        own = (*map(Check.of, app.checks), no_unexpected_error(app.errors))
        declared = [work for work in app.works if work.state]
        if declared and "nothing_lost" not in {check.__name__ for check in own}:
            own += (nothing_lost(declared),)
        if app.budgets:
            own += (latency(app.budgets, app.asked()),)
        return cls((*own, *OF_ANY, whole(app.tables)))

    def __iter__(self) -> Iterator[Check]:
        return iter(self.checks)

    def judge(self, evidence: Evidence) -> dict[str, Finding]:
        """The finding of every check, by its name.

        A scenario may switch a safety off so that a check is violated. Then that check must be violated, and the others are not
        judged.

        Args:
            evidence: of a scenario, live or saved.
        """
        parts = Parts.of(evidence)
        found = {check.__name__: check.asked(evidence, parts) for check in self.checks}
        return {name: _controlled(name, finding, evidence.violated) for name, finding in found.items()} | {
            name: Finding(Outcome.UNKNOWN, ("there is no such check",))
            for name in evidence.violated
            if name not in found
        }

    def settled(self, evidence: Evidence) -> bool:
        """Whether connections and descriptors are down to the first sample's level.

        Args:
            evidence: with the samples so far.
        """
        return all(check(evidence).outcome.good for check in WHERE_SAMPLED)


def _controlled(name: str, finding: Finding, wanted: list[str]) -> Finding:
    if not wanted or name == "whole":
        return finding
    if name not in wanted:
        return Finding.nothing(
            f"a safety is switched off, and {', '.join(wanted)} must go red; here: {finding.outcome.value}"
        )
    if finding.outcome is Outcome.VIOLATED:
        return Finding(Outcome.HOLDS, tuple(f"violated, as it must be: {fact}" for fact in finding.facts))
    if finding.outcome is Outcome.HOLDS:
        return Finding(
            Outcome.VIOLATED, ("it holds, though the safety that it is there for is switched off",)
        )
    return finding
