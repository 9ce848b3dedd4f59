"""A machine that others share: a drift is judged by what it does to a time, and what was disturbed is played again, a few times."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from harness.base.exits import Exit
from harness.load import machine
from harness.load.checks.valid import disturbed
from harness.load.judgement import Grade
from harness.load.presets import MOST_AGAIN, PRESETS
from harness.load.verdict import judge
from harness.tests.load.declared import BAKERY, DEMANDS, PACKER
from harness.tests.load.made_up import made_up

DRIFT = (0.1, 0.112)  # as it was seen on a rented machine with nothing else to do


def steady(run):
    return run.replicates[0]


def with_drift(one, calibration, own=None):
    """The replicate, of whose slots' time a share is their own work."""
    used = {} if own is None else {**one.cpu_seconds, PACKER: own * float(one.service().sum())}
    return replace(one, calibration=calibration, cpu_seconds=used or one.cpu_seconds)


def test_a_drift_that_cancels_out_where_slots_wait_for_their_provider_is_none():
    run = made_up("large")
    drifted = run.having(replicates=tuple(with_drift(one, DRIFT) for one in run.replicates))
    assert judge(drifted, DEMANDS["large"], BAKERY).exit is Exit.HOLDS


def test_the_same_drift_is_one_where_slots_do_the_work_themselves():
    run = made_up("large")
    drifted = run.having(replicates=tuple(with_drift(one, DRIFT, own=1.0) for one in run.replicates))
    found = judge(drifted, DEMANDS["large"], BAKERY)
    invalid = [s.about for s in found.of("valid").sentences if s.grade is Grade.INVALID]
    assert invalid == ["drift of this machine's speed"]
    assert found.exit is Exit.INVALID


def test_where_nobody_saw_the_slots_all_of_their_time_may_be_their_own():
    one = replace(steady(made_up("large")), cpu_seconds={}, calibration=DRIFT)
    assert disturbed(one, 4, BAKERY)


class Bed:
    """A testbed of which so many replicates are disturbed."""

    def __init__(self, disturbances):
        self.test, self.row = BAKERY, SimpleNamespace(processes={PACKER: 4})
        self.kept, self.said, self.seeds, self._left = [], [], [], disturbances

    def replicate(self, profile, *, seed, **_):
        self.seeds.append(seed)
        one = replace(steady(made_up("large")), profile=profile)
        if self._left:
            one, self._left = replace(one, generator_cpu=0.9), self._left - 1
        self.kept.append(one)
        return one

    def forget(self, reason):
        self.kept.pop()
        self.said.append(reason)


@pytest.mark.parametrize("disturbances", [0, 1, MOST_AGAIN])
def test_what_was_disturbed_is_played_again_and_said(disturbances):
    bed = Bed(disturbances)
    for _ in PRESETS["standard"].play(bed, DEMANDS["large"]):
        pass
    assert len(bed.kept) == 6
    assert all(one.generator_cpu < 0.5 for one in bed.kept)
    assert len(bed.said) == disturbances
    assert all("CPU of the generator 90 %" in said for said in bed.said)


def test_a_machine_that_is_never_left_alone_is_not_played_on_for_ever():
    bed = Bed(1000)
    for _ in PRESETS["standard"].play(bed, DEMANDS["large"]):
        pass
    assert len(bed.kept) == 6
    assert len(bed.said) == MOST_AGAIN


def test_a_run_says_what_was_played_again():
    run = made_up("large").having(played_again=("nominal 2: CPU of the generator 90 % > 50 %",))
    found = judge(run, DEMANDS["large"], BAKERY)
    assert found.exit is Exit.HOLDS
    assert "nominal 2: CPU of the generator 90 % > 50 %" in [s.said for s in found.of("valid").sentences]


def test_a_check_begins_at_a_quiet_moment(monkeypatch):
    monkeypatch.setattr(machine, "APART_SECONDS", 0)
    readings = iter([1.0, 2.0, 1.0, 1.1, 1.05])
    assert machine.quiet(lambda: next(readings), within=60)
    assert next(readings, None) is None


def test_a_machine_that_never_comes_to_rest_is_told_of_in_time(monkeypatch):
    monkeypatch.setattr(machine, "APART_SECONDS", 0.01)
    turns = iter(range(10_000_000))
    assert not machine.quiet(lambda: 1.0 + next(turns) % 2, within=0.5)


def test_each_replicate_has_a_seed_of_its_own_from_the_one_that_was_given():
    bed = Bed(0)
    for _ in replace(PRESETS["standard"], replicates=3, seed=40).play(bed, DEMANDS["large"]):
        pass
    assert bed.seeds == [40, 41, 42, 40]  # the last one is the burst


def test_what_will_be_done_is_said_with_about_how_long_it_takes():
    said = PRESETS["quick"].says(DEMANDS["small"], BAKERY, 1, 2.0)
    assert said.startswith("a burst of 60 orders: about ")
    said = PRESETS["standard"].says(DEMANDS["large"], BAKERY, 4, 2.0)
    assert "5 replicates of 300 orders, then a burst of 60 orders: about " in said
    assert "minutes on this machine" in said
