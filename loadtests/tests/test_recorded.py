"""A run that was really measured (a quick check of the tier Starter on two cores), judged again and then spoilt."""

import gzip
from pathlib import Path

import msgspec
import pytest

from loadtests.exits import Exit
from loadtests.finding import Outcome
from loadtests.mutants import MUTANTS
from loadtests.seen import Run
from loadtests.tests.made_up import DEMANDS
from loadtests.verdict import judge

RECORDED = Path(__file__).with_name("data") / "starter-quick.json.gz"
# A burst has no steady load that a slow provider could spoil, and half of one slot is none.
SEEN_IN_A_BURST = [
    name for name, mutant in MUTANTS.items() if mutant.red != "objectives" and name[:4] != "half"
]


@pytest.fixture(scope="module")
def measured():
    return msgspec.json.decode(gzip.decompress(RECORDED.read_bytes()), type=Run)


def verdict(run):
    return judge(run, DEMANDS.tiers[run.tier], DEMANDS.prices)


def test_it_passes_and_its_burst_drained_as_its_slot_needs(measured):
    found = verdict(measured)
    assert found.exit is Exit.PASS
    assert found.of("drain").outcome is Outcome.PASS
    assert found.of("objectives").outcome is Outcome.NOT_JUDGED
    ratio = found.of("drain").findings[0].measured.value
    assert ratio == pytest.approx(1.016, abs=0.001)


@pytest.mark.parametrize("name", SEEN_IN_A_BURST)
def test_each_mutant_turns_exactly_its_check_red(measured, name):
    assert verdict(MUTANTS[name].recorded(measured)).red == [MUTANTS[name].red]
