"""What a control replaces is still there, exactly once: else it would prove nothing."""

import importlib.util
from pathlib import Path

import pytest

from scenarios.controls.safeties import SAFETIES


@pytest.mark.parametrize("safety", SAFETIES, ids=lambda safety: safety.module)
def test_what_a_control_replaces_is_in_the_source_once(safety):
    found = importlib.util.find_spec(safety.module)
    assert Path(found.origin).read_text().count(safety.statement) == 1
