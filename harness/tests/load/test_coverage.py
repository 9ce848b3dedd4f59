"""What is said of the intervals: nearly their promise where jobs are alone, far less where a few must stand for a long queue."""

import numpy as np

from harness.load.coverage import coverage, covering
from harness.tests.load.declared import BAKERY, DEMANDS
from harness.tests.load.made_up import made_up

SERVICE = np.random.default_rng(1).exponential(1.0, 500)


def test_where_nobody_waits_an_interval_keeps_its_promise():
    assert covering(SERVICE, rate=0.5, slots=20, jobs=1000, replicates=5).high > 0.95


def test_where_a_queue_is_long_and_a_run_is_short_it_does_not():
    found = covering(SERVICE, rate=0.97 / float(SERVICE.mean()), slots=1, jobs=50, replicates=5)
    assert found.high < 0.5


def test_each_tier_with_replicates_is_told_of():
    said = coverage([made_up("large")], [DEMANDS["large"]], BAKERY).sentences[0].said
    assert "200 simulated checks of 5 replicates of" in said


def test_a_burst_alone_has_no_interval():
    assert coverage([made_up("large", depth="quick")], [DEMANDS["large"]], BAKERY).sentences == ()
