"""One, two and four slots: the throughput of bursts, held against each other."""

from dataclasses import replace

from harness.load.judgement import Grade
from harness.load.mutants import MUTANTS
from harness.load.scaling import scaling
from harness.load.verdict import judge
from harness.tests.load.made_up import DEMANDS, made_up


def _scaling(runs):
    return scaling(runs, [judge(run, DEMANDS.tiers[run.tier], DEMANDS.prices) for run in runs])


def quick():
    return [made_up(tier, depth="quick") for tier in DEMANDS.tiers]


def test_healthy_rows_scale_with_their_slots():
    found = _scaling(quick())
    assert found.grade is Grade.PASS
    assert [sentence.limit for sentence in found.sentences] == [2, 4]


def test_a_tier_that_is_slower_than_its_slots_fails():
    starter, developer, team = quick()

    def slower(one):
        late = [replace(job, completed=job.intended + 1.3 * job.seconds) for job in one.jobs]
        return replace(one, jobs=tuple(late), samples=())

    team = team.having(replicates=tuple(map(slower, team.replicates)))
    assert [sentence.grade for sentence in _scaling([starter, developer, team]).sentences] == ["pass", "fail"]


def test_a_tier_that_is_not_its_row_is_not_held_against_others():
    starter, developer, _ = quick()
    found = _scaling([starter, MUTANTS["half-the-content-slots"].recorded(developer)])
    assert found.grade is Grade.NOT_JUDGED


def test_one_tier_alone_is_not_judged():
    assert _scaling(quick()[:1]).grade is Grade.NOT_JUDGED
