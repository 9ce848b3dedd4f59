"""Arrivals: as many as announced, at moments of a Poisson process, the same ones every time."""

import itertools
import statistics

import pytest
from scipy import stats

from harness.load.locust.profiles import PROFILES, WARM_UP, Phase, arrivals
from harness.tests.load.declared import DEMANDS

DEMAND = DEMANDS["large"]
STEADY = [Phase(name="steady", seconds=5000, per_second=2)]


def test_gaps_are_exponential():
    moments = [arrival.at for arrival in arrivals(STEADY, seed=1)]
    gaps = [after - before for before, after in itertools.pairwise(moments)]
    assert statistics.fmean(gaps) == pytest.approx(0.5, rel=0.03)
    assert stats.kstest(gaps, "expon", args=(0, 0.5)).pvalue > 0.01


def test_gaps_that_are_all_equal_would_not_pass_for_exponential():
    assert stats.kstest([0.5] * 1000, "expon", args=(0, 0.5)).pvalue < 0.01


def test_streams_together_are_the_whole_and_differ_from_each_other():
    parts = [[a.at for a in arrivals(STEADY, seed=1, stream=n, streams=4)] for n in range(4)]
    moments = sorted(moment for part in parts for moment in part)
    assert len(moments) == pytest.approx(10_000, rel=0.05)
    assert len(set(moments)) == len(moments)
    gaps = [after - before for before, after in itertools.pairwise(moments)]
    assert stats.kstest(gaps, "expon", args=(0, 0.5)).pvalue > 0.01


def test_the_same_seed_gives_the_same_moments_and_another_one_others():
    first, again, other = (list(arrivals(STEADY, seed=seed)) for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_a_burst_is_shared_by_the_streams_without_loss():
    together = [Phase(name="burst", seconds=10, at_once=13)]
    parts = [list(arrivals(together, seed=1, stream=n, streams=3)) for n in range(3)]
    assert sum(map(len, parts)) == 13
    moments = sorted(arrival.at for part in parts for arrival in part)
    assert moments == pytest.approx([n * 0.005 for n in range(13)])


def test_phases_follow_each_other():
    two = [Phase(name="a", seconds=10, per_second=5), Phase(name="b", seconds=10, per_second=5)]
    for arrival in arrivals(two, seed=1):
        assert arrival.phase == ("a" if arrival.at < 10 else "b")


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_asks_for_orders(name):
    phases = PROFILES[name](DEMAND, 600)
    assert sum(phase.arrivals for phase in phases) > 1
    assert sum(phase.seconds for phase in phases) >= 600


def test_the_nominal_profile_is_the_nominal_load():
    phases = [phase for phase in PROFILES["nominal"](DEMAND, 3600) if phase.name != WARM_UP]
    assert sum(phase.arrivals for phase in phases) == pytest.approx(DEMAND.per_hour)
