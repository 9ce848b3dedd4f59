"""One, two and four slots: the throughput of bursts, held against each other."""

from dataclasses import replace

from loadtests.finding import Outcome
from loadtests.mutants import MUTANTS
from loadtests.scaling import scaling
from loadtests.tests.made_up import DEMANDS, made_up
from loadtests.verdict import judge


def _scaling(runs):
    return scaling(runs, [judge(run, DEMANDS.tiers[run.tier], DEMANDS.prices) for run in runs])


def quick():
    return [made_up(tier, depth="quick") for tier in DEMANDS.tiers]


def test_healthy_rows_scale_with_their_slots():
    found = _scaling(quick())
    assert found.outcome is Outcome.PASS
    assert [finding.limit for finding in found.findings] == [2, 4]


def test_a_tier_that_is_slower_than_its_slots_fails():
    starter, developer, team = quick()

    def slower(one):
        late = [replace(job, completed=job.intended + 1.3 * job.seconds) for job in one.jobs]
        return replace(one, jobs=tuple(late), samples=())

    team = team.having(replicates=tuple(map(slower, team.replicates)))
    assert [finding.outcome for finding in _scaling([starter, developer, team]).findings] == ["pass", "fail"]


def test_a_tier_that_is_not_its_row_is_not_held_against_others():
    starter, developer, _ = quick()
    found = _scaling([starter, MUTANTS["half-the-content-slots"].recorded(developer)])
    assert found.outcome is Outcome.NOT_JUDGED


def test_one_tier_alone_is_not_judged():
    assert _scaling(quick()[:1]).outcome is Outcome.NOT_JUDGED
