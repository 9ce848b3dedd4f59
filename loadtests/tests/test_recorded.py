"""A recorded run (a quick check of the tier Starter on two cores) is judged again, and then with faults in it."""

import gzip
from pathlib import Path

import msgspec
import pytest

from harness.base.exits import Exit
from harness.load.judgement import Grade
from harness.load.record import Run
from harness.load.verdict import judge
from loadtests.declaration import LOAD_TEST

RECORDED = Path(__file__).with_name("data") / "starter-quick.json.gz"
MUTANTS = {mutant.name: mutant for mutant in LOAD_TEST.mutants}
# A burst has no steady load that a slow provider could disturb, and half of one slot is no slot.
SEEN_IN_A_BURST = [
    name for name, mutant in MUTANTS.items() if mutant.red != "objectives" and name[:4] != "half"
]


@pytest.fixture(scope="module")
def measured():
    return msgspec.json.decode(gzip.decompress(RECORDED.read_bytes()), type=Run)


def verdict(run):
    return judge(run, LOAD_TEST.traffic.demands.tiers[run.tier], LOAD_TEST)


def test_it_passes_and_its_burst_drained_as_its_slot_needs(measured):
    found = verdict(measured)
    assert found.exit is Exit.HOLDS
    assert found.of("drain").grade is Grade.PASS
    assert found.of("objectives").grade is Grade.NOT_JUDGED
    ratio = found.of("drain").sentences[0].measured.value
    assert ratio == pytest.approx(1.0257, abs=0.001)


@pytest.mark.parametrize("name", SEEN_IN_A_BURST)
def test_each_mutant_turns_exactly_its_check_red(measured, name):
    assert verdict(MUTANTS[name].recorded(measured)).red == [MUTANTS[name].red]
