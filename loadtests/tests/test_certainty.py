"""Counts our checks' wrong decisions at each tier's load with the usual workload: 200 simulated checks, of a stack and of a client."""

import re

import pytest
from typer.testing import CliRunner

from harness.load.cli import app
from loadtests.declaration import LOAD_TEST

MOST_WRONG = 5.0


@pytest.mark.parametrize("tier", LOAD_TEST.traffic.demands.tiers)
def test_at_the_limit_at_most_a_twentieth_passes_and_of_sound_rows_at_most_a_twentieth_fails(tier):
    done = CliRunner().invoke(app(LOAD_TEST), ["certainty", "--tier", tier, "--checks", "200"])
    shares = [
        (float(passed), float(failed))
        for passed, failed in re.findall(r"wrong pass ([0-9.]+)%, wrong fail ([0-9.]+)%", done.output)
    ]
    assert len(shares) == 2, done.output  # a stack's and a client's
    assert max(max(pair) for pair in shares) <= MOST_WRONG
    assert done.exit_code == 0
