"""The recorded timings cut the embedded suite into pieces that a CI can run side by side."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from pytest_split.algorithms import Algorithms

from harness.plugin.shard import ALGORITHM

ROOT = Path(__file__).parents[2]
PIECES = 4  # of the workflow's matrix
LONGEST = 0.4  # of the whole
IMBALANCE = 1.1  # the longest over the shortest


@pytest.fixture(scope="module")
def recorded():
    """Seconds by node id."""
    return json.loads((ROOT / ".test_durations").read_text())


def test_four_pieces_take_equally_long(recorded):
    items = [SimpleNamespace(nodeid=nodeid) for nodeid in recorded]
    took = [group.duration for group in Algorithms[ALGORITHM].value(PIECES, items, recorded)]
    assert max(took) <= LONGEST * sum(took)
    assert max(took) <= IMBALANCE * min(took)


def test_most_of_the_suite_is_recorded_and_nothing_that_is_gone(recorded):
    """A timing is asked for by its node id: one of a file that has moved is asked for no more."""
    files = {nodeid.partition("::")[0] for nodeid in recorded}
    assert {file for file in files if not (ROOT / file).exists()} == set()
    scenarios = {str(path.relative_to(ROOT)) for path in ROOT.glob("scenarios/*/test_*.py")}
    played = scenarios - {str(path.relative_to(ROOT)) for path in ROOT.glob("scenarios/compose/*.py")}
    assert len(played & files) >= 0.9 * len(played)
