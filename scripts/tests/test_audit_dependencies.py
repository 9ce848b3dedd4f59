"""The audit of dependencies fails closed."""

import pytest

from harness.base.run import ROOT
from scripts.audit_dependencies import audit, faults, pinned

SOUND = {"name": "Sound", "version": "1.0", "vulns": []}
HOLE = {"id": "PYSEC-1", "fix_versions": ["1.1"], "aliases": [], "description": ""}


def test_all_judged_and_none_vulnerable_is_no_fault():
    assert faults({"dependencies": [SOUND]}, ["sound"]) == []


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([], "1 of 1 packages were not judged: sound."),
        ([{"name": "sound", "skip_reason": "not found"}], "1 of 1 packages were not judged: sound."),
        ([SOUND | {"vulns": [HOLE]}], "sound 1.0: PYSEC-1, mended in 1.1"),
        ([SOUND | {"vulns": [HOLE | {"fix_versions": []}]}], "mended in no version yet"),
    ],
)
def test_what_was_not_judged_or_is_vulnerable_is_a_fault(entries, said):
    (fault,) = faults({"dependencies": entries}, ["sound"])
    assert said in fault


def test_every_pin_is_wanted():
    names = pinned((ROOT / "constraints.txt").read_text())
    assert {"celery", "fastapi", "pyjwt"} <= set(names)


def test_without_pip_audit_nothing_is_said_to_be_sound(tmp_path):
    pins = tmp_path / "pins.txt"
    pins.write_text("sound==1.0\n")
    (fault,) = audit(pins)
    assert "gave no report" in fault
    assert "pip_audit" in fault
