"""Chance that can be had again: by its seed."""

import os
import random

import pytest

from harness import System

CHANGE = "change"  # of --occasion
FEWER = 3  # times, where a change is tried; the nightly run plays all
OPTION = "--hypothesis-seed"  # of Hypothesis' plugin for pytest
IN_CI = 7  # a change is judged by what it changes; a new seed is for who looks for something new


def seed_of(request: pytest.FixtureRequest, system: System | None = None) -> int:
    """The seed that was said, in CI always the same, else a new one; printed, so that a failure can be had again.

    Args:
        request: of the scenario.
        system: shows it beside the scenario's other figures, where the scenario has one.
    """
    said = request.config.getoption(OPTION, None)
    chosen = int(said) if said else IN_CI if "CI" in os.environ else random.SystemRandom().randrange(10**6)
    if system is not None:
        system.show("seed", chosen)
    print(f"the same again: {OPTION}={chosen}")  # noqa: T201
    return chosen


def examples_of(request: pytest.FixtureRequest, whole: int) -> int:
    """How many generated examples a scenario plays now: all of them, or of what takes turns a third, for each change.

    Args:
        request: of the scenario.
        whole: all of them.
    """
    return max(1, whole // FEWER) if request.config.getoption("--occasion") == CHANGE else whole
