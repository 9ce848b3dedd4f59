"""A declared load is judged as sure as its pieces allow: held, violated, or unknown between."""

import pytest

from harness.application import Load
from harness.evidence.checks.finding import Outcome
from harness.experiments.trial.promises.steady import Run, judge
from harness.experiments.trial.stage import Asked

LOAD = Load(work="job", per_hour=7200, done_p95_s=5)


def run(late=0, count=60, **more):
    asked = [Asked(str(number), "", "202", 0.1) for number in range(count)]
    took = {one.id: 9.0 if int(one.id) < late else 1.0 for one in asked}
    return Run(**{"hourly": 7200, "asked": asked, "took": took, **more})


@pytest.mark.parametrize(
    ("late", "outcome"),
    [
        (0, Outcome.HOLDS),
        (1, Outcome.UNKNOWN),
        (6, Outcome.UNKNOWN),
        (7, Outcome.VIOLATED),
        (60, Outcome.VIOLATED),
    ],
)
def test_it_is_as_sure_as_the_pieces_allow(late, outcome):
    finding = judge(run(late), LOAD)
    assert (finding.outcome, f"{late} of 60 took longer than 5 s" in finding.facts[0]) == (outcome, True)


def test_too_few_pieces_prove_nothing():
    assert judge(run(count=20), LOAD).outcome is Outcome.UNKNOWN
    assert judge(Run(7200), LOAD).outcome is Outcome.UNKNOWN


def test_what_is_lost_or_refused_is_a_violation_however_quick_the_rest():
    refused = Asked("", "", "503 no", 0.1)
    assert judge(run(lost=["lost: job 3 is still running"]), LOAD).outcome is Outcome.VIOLATED
    finding = judge(run(asked=[*run().asked, refused]), LOAD)
    assert (finding.outcome, finding.facts[1]) == (Outcome.VIOLATED, "1 were not accepted: 503 no")


@pytest.mark.parametrize(
    ("more", "why"),
    [({"hourly": 8000}, "quicker than the 7200 an hour"), ({"slow": 3.0}, "3.0 times too slow to tell")],
)
def test_what_is_late_for_another_reason_accuses_nobody(more, why):
    finding = judge(run(60, **more), LOAD)
    assert finding.outcome is Outcome.UNKNOWN
    assert why in finding.facts[0]


def test_without_an_objective_all_must_have_ended():
    assert judge(run(60), Load(work="job", per_hour=7200)).outcome is Outcome.HOLDS
