"""What MSER-5 leaves out of a run: a beginning that was too good, and no beginning that happened to be crowded."""

from dataclasses import replace

import numpy as np
import pytest

from harness.load.certainty import Design, simulated_checks
from harness.load.checks.thresholds import NOBODY_COUNTS, time_to_end
from harness.load.settled import settled, steady_from, worse
from harness.load.verdict import judge
from harness.tests.load.declared import BAKERY, DEMANDS
from harness.tests.load.made_up import made_up


def beginning(one, times):
    """The replicate, of whose first third each took so many times as long."""
    jobs = sorted(one.jobs, key=lambda job: job.intended)
    third = len(jobs) // 3
    jobs = [
        replace(job, completed=job.claimed + times * (job.completed - job.claimed)) if n < third else job
        for n, job in enumerate(jobs)
    ]
    return replace(one, jobs=tuple(jobs))


def p95(ones):
    return [time_to_end(one, 0.95) for one in ones]


def test_a_third_that_was_too_good_is_left_out():
    steady = [beginning(one, 0.2) for one in made_up("large").steady()]
    later = settled(steady, NOBODY_COUNTS)
    assert all(
        len(after.judged) < len(before.judged) - 50 for before, after in zip(steady, later, strict=True)
    )
    assert worse(p95(steady), p95(later)).high > worse(p95(steady), p95(steady)).high


def test_a_beginning_that_was_crowded_still_counts():
    steady = [beginning(one, 4.0) for one in made_up("large").steady()]
    later = settled(steady, NOBODY_COUNTS)
    assert worse(p95(steady), p95(later)).high >= worse(p95(steady), p95(steady)).high
    assert worse(p95(steady), p95(later)).high > worse(p95(later), p95(later)).high


def test_of_the_parts_of_one_run_the_first_alone_has_a_warm_up():
    run = made_up("large")
    parts = [replace(beginning(one, 0.2), began=1.0) for one in run.steady()]
    kept = [len(one.judged) for one in settled(parts, NOBODY_COUNTS)]
    assert kept[0] < len(parts[0].judged)
    assert kept[1:] == [len(one.judged) for one in parts[1:]]


def test_a_check_tells_which_interval_it_judged():
    run = made_up("large")
    said = [
        s
        for s in judge(run, DEMANDS["large"], BAKERY).of("objectives").sentences
        if s.about == "time to order, p95"
    ]
    assert said[0].measured.high >= worse(p95(run.steady()), p95(run.steady())).high * run.speed - 1e-9


def test_nothing_has_no_warm_up():
    assert steady_from([]) == 0
    assert steady_from([[], [1.0]]) == 0
    assert settled([], NOBODY_COUNTS) == []


@pytest.mark.parametrize("together", [False, True], ids=["stack", "client"])
@pytest.mark.parametrize(("slots", "used"), [(1, 0.5), (4, 0.7)])
def test_of_simulated_checks_at_the_limit_at_most_a_twentieth_passes(slots, used, together):
    service = np.random.default_rng(1).lognormal(3.2, 0.15, 5_000)
    design = Design(
        service=service,
        rate=used * slots / float(service.mean()),
        slots=slots,
        jobs=300,
        replicates=5,
        together=together,
    )
    truth, found = simulated_checks(design, 200)
    assert sum(one.high <= truth for one in found) <= 10
    assert sum(one.low > truth / 0.9 for one in found) <= 10
