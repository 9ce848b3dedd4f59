"""Intervals against their promise (coverage) and against published values."""

import math

import numpy as np
import pytest

from harness.load.model import Queue, simulate
from harness.load.stats import (
    Interval,
    clean_trials,
    more_needed,
    of_mean,
    of_percentile,
    of_share,
    slope,
    warm_up,
)

CHANCE = np.random.default_rng(6)


def test_five_replicates_cover_the_truth_as_often_as_promised():
    hits = sum(of.low <= 0 <= of.high for of in (of_mean(CHANCE.normal(0, 1, 5)) for _ in range(2000)))
    assert 0.935 < hits / 2000 < 0.965


def test_replicates_of_a_queue_cover_its_true_percentile():
    """Five runs of 1,000 jobs each: their p95 lies in the interval about 95 times of 100."""
    slots, rate, hits, rounds = 2, 1.3, 0, 150

    def p95():
        arrivals = np.cumsum(CHANCE.exponential(1 / rate, 1000))
        service = CHANCE.exponential(1, 1000)
        return np.quantile(simulate(arrivals, service, slots) + service, 0.95)

    truth = np.mean([p95() for _ in range(600)])
    for _ in range(rounds):
        found = of_percentile([p95() for _ in range(5)])
        hits += found.low <= truth <= found.high
    assert hits / rounds > 0.87
    assert Queue(slots, rate, CHANCE.exponential(1, 20_000)).quantile(0.95) == pytest.approx(truth, rel=0.1)


def test_one_replicate_is_sure_of_nothing():
    found = of_mean([3.0])
    assert (found.low, found.high) == (-math.inf, math.inf)


def test_a_crowded_replicate_says_nothing_of_a_smaller_percentile():
    crowded = [40.0, 37.0, 53.0, 162.0, 41.0]
    assert of_mean(crowded).low < 0
    found = of_percentile(crowded)
    assert 20 < found.low < 40 < found.value < 162 / 2 < found.high
    assert of_percentile([7.0] * 5) == Interval(*[pytest.approx(7.0)] * 3, 5)


def test_a_percentile_of_orders_that_never_came_is_beyond_any_limit():
    assert of_percentile([1e9] * 4 + [10.0]).high > 1e9
    assert of_percentile([0.0, 0.0]).high < 1e-6
    assert (of_percentile([3.0]).low, of_percentile([3.0]).high) == (0.0, math.inf)


def test_shares_are_clopper_pearsons():
    found = of_share(5, 100)  # Clopper and Pearson: 1.64 % to 11.28 %
    assert (found.low, found.high) == pytest.approx((0.01643, 0.11284), abs=1e-5)
    assert of_share(0, 300).high < 0.0123
    assert (of_share(0, 0).low, of_share(0, 0).high) == (0.0, 1.0)
    assert of_share(4, 4).high == 1.0


def test_a_clean_one_percent_takes_three_hundred():
    assert clean_trials(0.01) == 299


def test_more_samples_are_asked_for_in_proportion():
    assert more_needed(Interval(10, 8, 12, 5), 11) == 15  # half the width: four times as many
    assert more_needed(Interval(10, 9, 11, 5), 20) == 1


def test_the_warm_up_is_found_and_a_steady_series_loses_little():
    steady = CHANCE.normal(10, 1, 400)
    rising = np.concatenate([np.linspace(0, 10, 100), CHANCE.normal(10, 1, 400)])
    assert 60 <= warm_up(rising) <= 130
    assert warm_up(steady) < 100
    assert warm_up([1.0] * 10) == 0


def test_growth_is_told_from_noise():
    times = list(range(100))
    noise = CHANCE.normal(0, 1, 100)
    assert slope(times, (0.1 * np.array(times) + noise).tolist()).grows
    assert not slope(times, noise.tolist()).grows
    assert not slope([1, 2], [1, 9]).grows
