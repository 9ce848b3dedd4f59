"""On real stacks: a row is counted as it is, and what a mutant changes is counted too."""

import pytest

from harness.load.checks.counts import counts
from harness.load.cli.options import recorded
from harness.load.judgement import Grade
from harness.load.testbed import Testbed
from harness.load.verdict import judge
from loadtests.declaration import LOAD_TEST

pytestmark = pytest.mark.e2e
DEMANDS = LOAD_TEST.traffic.demands.tiers
MUTANTS = {mutant.name: mutant for mutant in LOAD_TEST.mutants}
# mutants that need no load
STILL = [name for name, mutant in MUTANTS.items() if mutant.latency == 1 and not mutant.leaks]


def run(tier, tmp_path, **options):
    with Testbed(LOAD_TEST, tier, tmp_path, speed=10, **options) as testbed:
        return testbed.run("quick")


def failed(found):
    """The failed checks that have a sentence; the run as a whole is invalid, because it has no load."""
    return [j.check for j in found.judgements if any(f.grade is Grade.FAIL for f in j.sentences)]


@pytest.mark.parametrize("tier", DEMANDS)
def test_a_row_is_counted_as_the_guide_has_it(tier, tmp_path):
    found = counts(run(tier, tmp_path), DEMANDS[tier], LOAD_TEST)
    assert {sentence.grade for sentence in found} == {Grade.PASS}, found
    assert len(found) == 6


@pytest.mark.nightly
@pytest.mark.parametrize("name", STILL)
def test_a_mutant_without_load_turns_its_check_red(name, tmp_path):
    mutated = run("developer", tmp_path, mutant=MUTANTS[name])
    assert failed(judge(mutated, DEMANDS["developer"], LOAD_TEST)) == [MUTANTS[name].red]


def test_a_burst_is_joined_from_client_service_and_probes(tmp_path):
    """Every roadmap has all its stamps, in order; the probes agree with them by Little's law."""
    with Testbed(LOAD_TEST, "starter", tmp_path, speed=20) as testbed:
        one = testbed.replicate("burst", seconds=1, at_once=20, readers=0, identical=True)
        seen = testbed.run("quick")
    seen.write(tmp_path / "starter")
    assert recorded(tmp_path, LOAD_TEST) == [tmp_path / "starter"], "a part of a run is not a run"
    assert len(one.jobs) == one.planned == 20
    for job in one.jobs:
        assert job.intended <= job.accepted <= job.claimed <= job.completed
        assert job.claimed <= job.logged
        assert job.outcome == "completed"
    found = judge(seen, DEMANDS["starter"], LOAD_TEST)
    said = {f.about: f for j in found.judgements for f in j.sentences}
    laws = {about: one.grade for about, one in said.items() if about.startswith("Little's law, ")}
    assert laws["Little's law, error, counted by the database"] is Grade.PASS
    assert set(laws.values()) <= {Grade.PASS, Grade.NOT_JUDGED}
    assert said["arrivals that were never sent"].grade is Grade.PASS
    assert said["api: connections at their peak"].grade is Grade.PASS
    assert said["celery_content: memory at its peak, of the plan's"].measured.value > 0
