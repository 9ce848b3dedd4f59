"""The payouts of the examples: Django with beat, tried as the jobs are."""

import shutil
import sys
import tomllib
from pathlib import Path

import pytest

from harness.base.project import SOURCE
from harness.tests.environments import environment_in
from harness.tests.experiments.trial.typed import assert_red, assert_sound, typed

sys.path.append(str(SOURCE / "examples/payouts/config"))
from defects import DEFECTS

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
PAYOUTS = SOURCE / "examples/payouts"
RED = {
    "before_commit": {"committed-first"},
    "two_beats": {"two-beats"},
}
SAYS = {
    "before_commit": "failed while its commit was under way",
    "two_beats": "doubled: payouts.tasks.state came",
}
OURS = ("celery", "requests")  # which our own environment has, too


@pytest.fixture(scope="module")
def payouts(tmp_path_factory) -> Path:
    """A copy of the application, with an environment that does not know the harness, and is the only one with Django."""
    folder = tmp_path_factory.mktemp("payouts") / "payouts"
    shutil.copytree(PAYOUTS, folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    needed = tomllib.loads((PAYOUTS / "pyproject.toml").read_text())["project"]["dependencies"]
    ours = [requirement for requirement in needed if requirement.startswith(OURS)]
    fetched = [requirement for requirement in needed if requirement not in ours]
    environment_in(folder / ".venv", ours, fetched=fetched)
    return folder


def test_the_declaration_has_at_most_twenty_lines():
    assert len((PAYOUTS / "stack.py").read_text().splitlines()) <= 20


def test_our_own_environment_has_no_django():
    assert not [*Path(sys.prefix).glob("lib/python*/site-packages/django")]


def test_the_sound_form_is_all_green_and_leaves_nothing_unknown(harness, payouts):
    assert_sound(typed(harness, payouts), set().union(*RED.values()))


def test_each_switch_has_its_row():
    assert RED.keys() == DEFECTS.keys()


@pytest.mark.nightly  # each takes two minutes
@pytest.mark.parametrize("defect", RED)
def test_a_defect_turns_red_what_it_is_about_and_nothing_else(harness, payouts, defect):
    assert_red(typed(harness, payouts, PAYOUTS_DEFECT=defect), RED[defect], SAYS[defect])
