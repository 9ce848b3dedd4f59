"""The figures of a run, for the terminal and for docs/reliability.md."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from harness.application import App
from harness.evidence.call_ledger import ledger_of
from harness.evidence.checks import Finding, Outcome
from harness.evidence.checks.latency import SHARE, nearest_rank
from harness.evidence.evidence import Evidence, Row
from harness.evidence.fault_summary import DOUBLED, LOST, faults_in, violations
from harness.evidence.rare_states import reached
from harness.experiments.nemesis.settings import nemesis_of

FILE = "nemesis.json"  # in the run's folder
MUST_HOLD = (
    LOST,
    "faults_bitten",
)  # the main checks of a nemesis: "nothing to judge" is no proof for them


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One run.

    Args:
        run: its id.
        seed: of its schedule.
        minutes: that were asked for.
        substrate: it ran on.
        tier: it ran at.
        commit: that the sources are of.
        windows: windows of faults.
        came: clients.
        accepted: requests, each once.
        ends: status -> requests that ended so.
        done: requests that ended with success.
        gave_up: clients that never got a 202, in spite of all their tries.
        more_than_one_attempt: requests that were claimed more than once.
        lost: number of lost requests by the check; None for unknown.
        doubled: number of doubled ones by the check; None for unknown.
        drain_seconds: from the last heal until no work was under way; None where some still is.
        worst_recovery: seconds.
        post_p99: milliseconds of the POSTs that were answered.
        health_worst: milliseconds.
        faults: by kind and target; see harness.evidence.fault_summary.
        checks: name -> outcome.
        reached: rare state that is declared -> how often it was reached.
        rare: whether the run proves nothing if one of them was never reached.
    """

    run: str
    seed: int
    minutes: float
    substrate: str
    tier: str
    commit: str
    windows: int
    came: int
    accepted: int
    ends: dict[str, int]
    done: int
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
    reached: dict[str, int] = field(default_factory=dict)
    rare: bool = False

    @property
    def held(self) -> bool:
        """Whether it is a proof: see `lacking`."""
        return not lacking(asdict(self))

    @property
    def outcomes(self) -> list[Outcome]:
        """Of the checks, of the drain, and of the rare states where they are asked for."""
        drained = Outcome.VIOLATED if self.drain_seconds is None else Outcome.HOLDS
        rare = Outcome.UNKNOWN if never_reached(asdict(self)) else Outcome.HOLDS
        return [*map(Outcome, self.checks.values()), drained, rare] if self.checks else []


def lacking(run: Mapping[str, Any]) -> list[str]:
    """Why a run proves nothing, a sentence each; empty where it is a proof.

    Args:
        run: a kept summary; for an old run without the number of clients, the counted ones are taken.
    """
    checks = {name: Outcome(outcome) for name, outcome in run["checks"].items()}
    faults = [f"{name} {outcome.value}" for name, outcome in checks.items() if not outcome.good]
    faults += [f"{one} was not judged" for one in MUST_HOLD if checks.get(one) in {None, Outcome.NOTHING}]
    accepted, gave_up, ended = run["accepted"], run["gave_up"], sum(run["ends"].values())
    came, done = run.get("came", accepted + gave_up), run.get("done", ended)
    hurt = sum(fault["times"] for fault in run["faults"]) if "faults" in run else run["windows"]
    wrong = {
        "nothing was hurt": not run["windows"],
        f"{hurt} faults were injected in {run['windows']} windows": hurt < run["windows"],
        f"{gave_up} of {came} clients were never accepted": gave_up,
        "nobody came": not came,
        # A larger number is no loss: without a key, a request that got no answer and is sent again may be accepted twice.
        f"{came} clients came, {accepted} were accepted and {gave_up} gave up": came > accepted + gave_up,
        "nothing was accepted": not accepted,
        f"{accepted} were accepted, {ended} have an end": ended != accepted,
        "nothing came of what was accepted": not done,
        "something still moved when all was healed": run["drain_seconds"] is None,
    }
    return faults + [sentence for sentence, so in wrong.items() if so] + never_reached(run)


def never_reached(run: Mapping[str, Any]) -> list[str]:
    """The rare states that a run should have reached, a sentence each; a missing declaration is one, too.

    Args:
        run: a kept summary; old runs, and runs that need not reach any, have none.
    """
    if not run.get("rare"):
        return []
    states: Mapping[str, int] = run.get("reached", {})
    return [f"never reached: {name}" for name, times in states.items() if not times] or (
        [] if states else ["no rare state is declared"]
    )


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
        "done": sum(number for end, number in ledger.ends().items() if end in app.done_ends),
        "more_than_one_attempt": sums["more_than_one_attempt"],
        "lost": violations(findings.get(LOST)),
        "doubled": violations(findings.get(DOUBLED)),
        "worst_recovery": max((f["worst_recovery"] for f in faults if f["worst_recovery"]), default=None),
        "post_p99": nearest_rank(posts, SHARE) if posts else None,
        "health_worst": max(looks, default=None),
        "faults": faults,
        "checks": {name: finding.outcome.value for name, finding in findings.items()},
        "reached": reached(app.rare, evidence),
    }


def _accepts(app: App, call: Row) -> bool:
    """Whether a call was one that asks for work."""
    return any(call.get(work.id) for work in app.works)


def _took(evidence: Evidence, method: str, path: str) -> list[float]:
    return [
        call["milliseconds"]
        for call in evidence.calls
        if (call["method"], call["path"], call["outcome"]) == (method, path, "answered")
    ]
