"""The search against curves whose crossing is known."""

import numpy as np
import pytest

from harness.load.model import Queue, carries
from harness.load.search import Point, crossing, highest_rate

SERVICE = np.random.default_rng(7).lognormal(0, 0.4, 5000)
SLOTS, LIMIT = 2, 5.0
TRUTH = carries(SLOTS, SERVICE, LIMIT)


def _p95(rate, noise=1.0):
    if rate >= 0.995 * SLOTS / SERVICE.mean():
        return 100.0
    return Queue(SLOTS, rate, SERVICE).quantile(0.95) * noise


@pytest.mark.parametrize("wrong", [0.5, 0.9, 1.0, 1.1, 2.0])
def test_the_rate_is_found_even_if_the_model_was_wrong(wrong):
    found = highest_rate(_p95, TRUTH * wrong, LIMIT)
    assert found.bounded
    assert found.rate == pytest.approx(TRUTH, rel=0.12)


def test_noise_moves_it_little_and_not_upwards_only():
    chance = np.random.default_rng(8)
    rates = [
        highest_rate(lambda rate: _p95(rate, chance.lognormal(0, 0.15)), TRUTH, LIMIT).rate / TRUTH
        for _ in range(100)
    ]
    assert np.mean(rates) == pytest.approx(1, abs=0.04)
    assert np.quantile(rates, [0.05, 0.95]) == pytest.approx([1, 1], abs=0.12)


def test_one_odd_point_does_not_decide():
    points = [Point(rate, value) for rate, value in ((1, 1.0), (2, 9.0), (3, 2.0), (4, 3.0), (5, 12.0))]
    assert crossing(points, 6.0).rate > 4


def test_a_limit_that_was_never_met_or_never_missed_is_said_to_be_so():
    never = crossing([Point(1, 10), Point(2, 20)], 5)
    always = crossing([Point(1, 1), Point(2, 2)], 5)
    assert (never.rate, never.bounded) == (1, False)
    assert (always.rate, always.bounded) == (2, False)
    with pytest.raises(ValueError, match="one point"):
        crossing([Point(1, 1)], 5)
