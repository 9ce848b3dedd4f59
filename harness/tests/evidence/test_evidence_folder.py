"""What was saved is judged as it was when it was alive, and holds no secret."""

from dataclasses import replace

import pytest
from typer.testing import CliRunner

from harness.base.exits import Exit
from harness.cli import app
from harness.evidence.checks import Judges, Outcome
from harness.evidence.evidence_folder import EvidenceFolder, IncompleteError, load
from harness.evidence.redaction import Redactor
from harness.tests.evidence.history import NUMBER, PARCEL, SOUND, sound_but
from harness.tests.shop import shop

JUDGES = Judges.of(shop)


def save(folder, evidence=SOUND):
    EvidenceFolder(
        folder, Redactor({**evidence.secrets, "database password": "postgresql://u:pass@h/d"})
    ).save(evidence)


def recheck(*words):
    return CliRunner().invoke(app, ["recheck", *map(str, words)], env={"COLUMNS": "200"})


def test_what_is_read_back_is_what_was_saved(tmp_path):
    save(tmp_path)
    assert load(tmp_path) == replace(SOUND, secrets={"SHOP_SEAL": "<SHOP_SEAL>"})


def test_a_secret_that_leaked_is_found_again_and_is_nowhere_to_be_read(tmp_path):
    save(tmp_path, replace(SOUND, logs={"web": ["key=hunter2", "postgresql://u:pass@h/d"]}))
    assert [path for path in tmp_path.rglob("*.*") if "hunter2" in path.read_text()] == []
    finding = JUDGES.judge(load(tmp_path))["no_secret"]
    assert finding.outcome is Outcome.VIOLATED
    assert "SHOP_SEAL is in line 1 of the log of web" in finding.facts


def test_a_sound_run_passes_again(tmp_path):
    save(tmp_path / "evidence" / "one")
    found = recheck(tmp_path)
    assert found.exit_code == 0, found.output
    assert "evidence/one" in found.output
    assert found.output.count("holds") == len(JUDGES.judge(SOUND))


@pytest.mark.parametrize("broken", [{"states": {"order": {NUMBER: "new"}}}, {"parcels": [PARCEL, PARCEL]}])
def test_a_broken_run_fails_again(tmp_path, broken):
    save(tmp_path / "evidence" / "one")
    save(tmp_path / "evidence" / "two", sound_but(**broken))
    found = recheck(tmp_path)
    assert found.exit_code == 1
    assert "violated" in found.output
    assert f"order {NUMBER}" in found.output


def test_what_was_not_judged_is_not_judged_again(tmp_path):
    save(tmp_path, sound_but(parcels=[PARCEL, PARCEL], not_judged=["nothing_doubled"]))
    assert recheck(tmp_path).exit_code == 0


@pytest.mark.parametrize("lost", ["journal.ndjson", "database/parcels.ndjson", "queues.json"])
def test_evidence_that_is_incomplete_is_unknown_and_no_pass(tmp_path, lost):
    save(tmp_path)
    (tmp_path / lost).unlink()
    with pytest.raises(IncompleteError):
        load(tmp_path, shop.tables)
    found = recheck(tmp_path)
    assert found.exit_code == Exit.UNKNOWN
    assert "unknown" in found.output


def test_what_a_bundle_could_not_gather_is_told(tmp_path):
    save(tmp_path)
    (tmp_path / "missing.txt").write_text("the database: OSError: gone")
    assert "the database: OSError: gone" in recheck(tmp_path).output


def test_a_run_without_evidence_says_so():
    found = recheck("no-such-run")
    assert found.exit_code == 2
    assert "there is no evidence" in found.output
