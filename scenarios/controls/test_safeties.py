"""Each text that a control replaces occurs exactly once in its file: otherwise the control would prove nothing."""

import importlib.util
from pathlib import Path

import pytest

from scenarios.controls.safeties import SAFETIES


@pytest.mark.parametrize("safety", SAFETIES, ids=lambda safety: safety.module)
def test_what_a_control_replaces_is_in_the_source_once(safety):
    found = importlib.util.find_spec(safety.module)
    assert Path(found.origin).read_text().count(safety.statement) == 1
