"""Tests are played against the copy, each against its usual time."""

import pytest

from harness.experiments.mutants import play as played
from harness.experiments.mutants.change import Change
from harness.experiments.mutants.copied import Copied
from harness.experiments.mutants.mutant import Mutant
from harness.experiments.mutants.play import Ended, play
from harness.tests.environments import LEAN

TESTS = """
import time
import pytest
from sums import END

def test_good(): pass
def test_bad(): assert END == 1
def test_skipped(): pytest.skip("not today")
def test_long(): time.sleep(600 * END)
def test_torn_down(request): request.addfinalizer(lambda: 1 / 0)
"""


@pytest.fixture
def copy(tmp_path):
    original = tmp_path / "original"
    original.mkdir()
    (original / "pyproject.toml").write_text(
        f'[tool.harness]\n[tool.pytest.ini_options]\naddopts = "{LEAN}"\n'
    )
    (original / "sums.py").write_text("END = 2\n")
    (original / "test_sums.py").write_text(TESTS)
    return Copied(original, tmp_path / "copy")


def of(*names):
    return [f"test_sums.py::test_{name}" for name in names]


@pytest.mark.parametrize(
    ("names", "ended", "outcomes"),
    [
        (["good"], Ended.GREEN, ["passed"]),
        (["skipped", "good"], Ended.GREEN, ["skipped", "passed"]),
        (["skipped"], Ended.NOTHING, ["skipped"]),
        (["unknown"], Ended.NOTHING, []),
        (["good", "bad", "skipped"], Ended.RED, ["passed", "failed"]),
        (["torn_down"], Ended.RED, ["failed"]),
    ],
)
def test_what_is_skipped_or_not_there_is_no_pass(copy, names, ended, outcomes):
    found = play(copy.root, of(*names), 1.0)
    assert (found.ended, [outcome for outcome, _ in found.outcomes.values()]) == (ended, outcomes), found.said


def test_what_takes_many_times_as_long_is_neither(copy, monkeypatch):
    monkeypatch.setattr(played, "STARTING_SECONDS", 3.0)
    assert play(copy.root, of("good", "long"), 0.1).ended is Ended.TIMED_OUT


def test_a_change_is_seen_though_time_and_size_are_the_same_and_is_taken_back(copy):
    mutant = Mutant("sums.py", b"END = 2\n", Change(6, 7, b"1", "constant", (1, 1), True))
    for _ in range(2):
        assert play(copy.root, of("bad"), 1.0).ended is Ended.RED
        with copy.with_(mutant):
            assert play(copy.root, of("bad"), 1.0).ended is Ended.GREEN
