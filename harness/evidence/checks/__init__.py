"""The judges. A new one is a file and a line here."""

from collections.abc import Callable

from harness.evidence.checks.connections import connections
from harness.evidence.checks.descriptors import descriptors
from harness.evidence.checks.faults_bitten import faults_bitten
from harness.evidence.checks.finding import Finding, Outcome
from harness.evidence.checks.latency import latency
from harness.evidence.checks.memory import memory
from harness.evidence.checks.no_secret import no_secret
from harness.evidence.checks.no_unexpected_error import no_unexpected_error
from harness.evidence.evidence import Evidence
from scenarios.roadmaps.checks.drained import drained
from scenarios.roadmaps.checks.events_stored import events_stored
from scenarios.roadmaps.checks.fences_monotone import fences_monotone
from scenarios.roadmaps.checks.nothing_doubled import nothing_doubled
from scenarios.roadmaps.checks.nothing_lost import nothing_lost
from scenarios.roadmaps.checks.one_roadmap import one_roadmap
from scenarios.roadmaps.checks.provider_calls import provider_calls
from scenarios.roadmaps.checks.usage import usage

Check = Callable[[Evidence], Finding]
ALWAYS: tuple[Check, ...] = (
    nothing_lost,
    nothing_doubled,
    one_roadmap,
    fences_monotone,
    events_stored,
    provider_calls,
    usage,
    drained,
    latency,
    no_secret,
    no_unexpected_error,
)
WHERE_HURT: tuple[Check, ...] = (faults_bitten,)
WHERE_SAMPLED: tuple[Check, ...] = (connections, descriptors, memory)
CHECKS = ALWAYS + WHERE_HURT + WHERE_SAMPLED

__all__ = ["ALWAYS", "CHECKS", "WHERE_HURT", "WHERE_SAMPLED", "Check", "Finding", "Outcome", "judge"]


def judge(evidence: Evidence) -> dict[str, Finding]:
    """What every check that applies says, by its name.

    A fault is judged where there was one, and what is sampled where somebody sampled: a scenario that hurts nothing is spared
    the price. What the scenario has nothing for is left out, by name, as the evidence says.

    Args:
        evidence: of a scenario, live or saved.
    """
    asked = ALWAYS
    if evidence.faults:
        asked += WHERE_HURT
    if evidence.records("sample"):
        asked += WHERE_SAMPLED
    return {check.__name__: check(evidence) for check in asked if check.__name__ not in evidence.not_judged}
