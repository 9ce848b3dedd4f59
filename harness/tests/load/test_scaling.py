"""One, two and four slots: the throughput of bursts, held against each other."""

from dataclasses import replace

from harness.load.judgement import Grade
from harness.load.mutants import counted_again
from harness.load.scaling import scaling
from harness.load.verdict import judge
from harness.tests.load.declared import BAKERY, DEMANDS, MUTANTS
from harness.tests.load.made_up import made_up


def _scaling(runs):
    return scaling(runs, [judge(run, DEMANDS[run.tier], BAKERY) for run in runs], BAKERY)


def quick():
    return [made_up(tier, depth="quick") for tier in DEMANDS]


def test_healthy_rows_scale_with_their_slots():
    found = _scaling(quick())
    assert found.grade is Grade.PASS
    assert [sentence.limit for sentence in found.sentences] == [2, 4]


def test_a_tier_that_is_slower_than_its_slots_fails():
    small, medium, large = quick()

    def slower(one):
        late = [replace(job, completed=job.intended + 1.3 * job.seconds) for job in one.jobs]
        return replace(one, jobs=tuple(late), samples=counted_again(one.samples, late))

    large = large.having(replicates=tuple(map(slower, large.replicates)))
    assert [sentence.grade for sentence in _scaling([small, medium, large]).sentences] == ["pass", "fail"]


def test_a_tier_that_is_not_its_row_is_not_held_against_others():
    small, medium, _ = quick()
    found = _scaling([small, MUTANTS["half-the-slots"].recorded(medium)])
    assert found.grade is Grade.NOT_JUDGED


def test_one_tier_alone_is_not_judged():
    assert _scaling(quick()[:1]).grade is Grade.NOT_JUDGED
