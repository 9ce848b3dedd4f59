"""What a run comes to, in figures: for whoever watched, and for docs/reliability.md."""

from dataclasses import dataclass, field
from typing import Any

from harness.application import App
from harness.evidence.call_ledger import ledger_of
from harness.evidence.checks import Finding, Outcome
from harness.evidence.checks.latency import SHARE, nearest_rank
from harness.evidence.evidence import Evidence, Row
from harness.evidence.fault_summary import DOUBLED, LOST, faults_in, violations
from harness.experiments.nemesis.settings import nemesis_of

FILE = "nemesis.json"  # in the run's folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One run.

    Args:
        run: its id.
        seed: of its schedule.
        minutes: that were asked for.
        substrate: it ran on.
        tier: it ran at.
        windows: that faults were open.
        accepted: requests, each once.
        ends: status -> requests that ended so.
        gave_up: clients who never had a 202, in spite of all their tries.
        more_than_one_attempt: requests that were claimed more than once.
        lost: what the check says of it; None for unknown.
        doubled: likewise.
        drain_seconds: from the last heal until nothing moved any more; None where something still does.
        worst_recovery: seconds.
        post_p99: milliseconds of the POSTs that were answered.
        health_worst: milliseconds.
        faults: by kind and target; see harness.evidence.fault_summary.
        checks: name -> outcome.
    """

    run: str
    seed: int
    minutes: float
    substrate: str
    tier: str
    windows: int
    accepted: int
    ends: dict[str, int]
    gave_up: int
    more_than_one_attempt: int
    lost: int | None
    doubled: int | None
    drain_seconds: float | None
    worst_recovery: float | None
    post_p99: float | None
    health_worst: float | None
    faults: list[dict[str, Any]] = field(default_factory=list)
    checks: dict[str, str] = field(default_factory=dict)

    @property
    def held(self) -> bool:
        """Whether every check holds, and nothing moves any more."""
        return {*self.outcomes} == {Outcome.HOLDS}

    @property
    def outcomes(self) -> list[Outcome]:
        """Of the checks, and of the drain."""
        drained = Outcome.VIOLATED if self.drain_seconds is None else Outcome.HOLDS
        return [*map(Outcome, self.checks.values()), drained] if self.checks else []


def measured(app: App, evidence: Evidence, findings: dict[str, Finding]) -> dict[str, Any]:
    """The figures that the evidence decides.

    Args:
        app: that was hurt.
        evidence: of the run.
        findings: of the checks on it.
    """
    ledger = ledger_of(app, evidence)
    sums = ledger.sums()
    faults = faults_in(evidence.faults)
    accepted = {(call["method"], call["path"]) for call in evidence.calls if _accepts(app, call)}
    posts = [took for asked in accepted for took in _took(evidence, *asked)]
    looks = _took(evidence, "GET", nemesis_of(app).health)
    return {
        "accepted": sums["accepted"],
        "ends": ledger.ends(),
        "more_than_one_attempt": sums["more_than_one_attempt"],
        "lost": violations(findings.get(LOST)),
        "doubled": violations(findings.get(DOUBLED)),
        "worst_recovery": max((f["worst_recovery"] for f in faults if f["worst_recovery"]), default=None),
        "post_p99": nearest_rank(posts, SHARE) if posts else None,
        "health_worst": max(looks, default=None),
        "faults": faults,
        "checks": {name: finding.outcome.value for name, finding in findings.items()},
    }


def _accepts(app: App, call: Row) -> bool:
    """Whether a call was one that asks for work."""
    return any(call.get(work.id) for work in app.work)


def _took(evidence: Evidence, method: str, path: str) -> list[float]:
    return [
        call["milliseconds"]
        for call in evidence.calls
        if (call["method"], call["path"], call["outcome"]) == (method, path, "answered")
    ]
