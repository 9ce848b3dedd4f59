"""The verdict of a whole run on its tier: the checks in order, and an exit code. It fails closed."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.base.exits import Exit
from harness.load.capacity import cost_per_thousand, slots_capacity
from harness.load.checks import CHECKS
from harness.load.checks.valid import valid
from harness.load.declaration import LoadTest
from harness.load.judgement import Grade, Judgement, Sentence, worst
from harness.load.locust.demands import Demand
from harness.load.record import Run
from harness.load.stats import Interval

CODES = {
    Grade.PASS: Exit.HOLDS,
    Grade.FAIL: Exit.VIOLATED,
    Grade.INCONCLUSIVE: Exit.UNKNOWN,
    Grade.INVALID: Exit.INVALID,
    Grade.NOT_JUDGED: Exit.INVALID,  # nothing was judged, so it is no pass
}
# Checks that a check depends on: where one of them has failed, it would only repeat that, less clearly.
PREMISES = {
    "budgets": ("counts",),
    "objectives": ("counts", "budgets"),
    "drain": ("counts",),
    "model_fit": ("counts",),
    "neighbour": ("counts", "budgets", "objectives", "drain", "model_fit"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The verdict on one tier.

    Args:
        tier: row of the table.
        judgements: of each check, in order.
        carries: how many an hour at the objective; None where the run cannot say.
        cost: US dollars of 1,000; None likewise.
        headroom: how much more than the nominal load the row carries, a share with its interval; None likewise.
        workload: what one asked for.
    """

    tier: str
    judgements: tuple[Judgement, ...]
    carries: Interval | None = None
    cost: float | None = None
    headroom: Interval | None = None
    workload: str = ""

    @property
    def grade(self) -> Grade:
        """The worst grade; a valid run alone does not prove the row."""
        found = worst(judgement.grade for judgement in self.judgements)
        return found if found is not Grade.PASS or self.judged != ["valid"] else Grade.NOT_JUDGED

    @property
    def judged(self) -> list[str]:
        """Names of the checks that judged, in order."""
        return [one.check for one in self.judgements if one.grade is not Grade.NOT_JUDGED]

    @property
    def exit(self) -> Exit:
        return CODES[self.grade]

    @property
    def red(self) -> list[str]:
        """Names of the checks that judged and did not pass."""
        bad = {Grade.FAIL, Grade.INVALID}
        return [judgement.check for judgement in self.judgements if judgement.grade in bad]

    def of(self, check: str) -> Judgement:
        return next(judgement for judgement in self.judgements if judgement.check == check)


def judge(run: Run, demand: Demand, test: LoadTest) -> Verdict:
    """Run every check. Of an invalid run only counts and budgets are judged, which need no load.

    Args:
        run: recorded.
        demand: of its tier.
        test: whose run.
    """
    judgements: list[Judgement] = []
    ended = run.counting(test.ended_well)
    for check in CHECKS:
        name = check.__name__
        reason = _not_asked(name, judgements)
        sentences = (
            [_unasked(name, reason)] if reason else check(run if check is valid else ended, demand, test)
        )
        judgements.append(Judgement(check=name, sentences=tuple(sentences)))
    holds = judgements[0].grade is Grade.PASS and not _fails(judgements)
    reach = slots_capacity(ended, demand, test) if holds else None
    return Verdict(
        tier=run.tier,
        judgements=tuple(judgements),
        carries=reach,
        cost=cost_per_thousand(ended, demand, test) if holds else None,
        headroom=None if reach is None else _above(reach, demand.per_hour),
        workload=_workload(run.workload, test),
    )


def _above(reach: Interval, load: float) -> Interval:
    return Interval(reach.value / load - 1, reach.low / load - 1, reach.high / load - 1, reach.count)


def _workload(name: str, test: LoadTest) -> str:
    """The workload's name, with a description."""
    known = test.traffic.demands.workloads.get(name)
    return name if known is None else f"{name} ({known.calls:g} calls to the provider for one)"


def unjudged_checks(verdicts: Sequence[Verdict]) -> list[str]:
    """Names of the checks that one of the verdicts could not judge, in order: a pass does not include them."""
    judged = [set(verdict.judged) for verdict in verdicts]
    names = dict.fromkeys(one.check for verdict in verdicts for one in verdict.judgements)
    return [name for name in names if not all(name in known for known in judged)]


def exit_of(verdicts: Sequence[Verdict]) -> Exit:
    """The exit code of several tiers: the worst; without any verdict it is no pass."""
    return CODES[worst(verdict.grade for verdict in verdicts)]


def _not_asked(name: str, before: list[Judgement]) -> str:
    for judgement in before:
        if (
            judgement.check == "valid"
            and judgement.grade is Grade.INVALID
            and name not in {"counts", "budgets"}
        ):
            return "the run is invalid"
        if judgement.check in PREMISES.get(name, ()) and judgement.grade is Grade.FAIL:
            return f"{judgement.check} failed"
    return ""


def _fails(judgements: Sequence[Judgement]) -> bool:
    """Whether so many failed that the row carries no rate."""
    shares = [s for j in judgements if j.check == "objectives" for s in j.sentences if s.unit == "%"]
    return any(sentence.grade is Grade.FAIL for sentence in shares)


def _unasked(name: str, reason: str) -> Sentence:
    return Sentence(about=name, grade=Grade.NOT_JUDGED, said=reason)
