"""What was saved is judged as it was when it was alive, and holds no secret."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from harness.base.commit import commit
from harness.base.exits import Exit
from harness.cli import app
from harness.evidence.checks import Judges, Outcome
from harness.evidence.evidence_folder import EvidenceFolder, IncompleteError, folder_name, load, seal_of
from harness.evidence.redaction import Redactor
from harness.evidence.verdict import Judged, Verdict
from harness.evidence.whole import lacking
from harness.tests.evidence.history import LOGS, NUMBER, PARCEL, SOUND, sound_but
from harness.tests.shop import shop

JUDGES = Judges.of(shop)


def save(folder, evidence=SOUND):
    EvidenceFolder(
        folder, Redactor({**evidence.secrets, "database password": "postgresql://u:pass@h/d"})
    ).save(evidence)


def sign(folder, *scenarios, of=None, passed=True, skipped=False):
    judged = {
        f"t.py::{name}": Judged(
            f"evidence/{name}", passed, {"whole": "holds"}, seal_of(folder / "evidence" / name), skipped
        )
        for name in scenarios
    }
    Verdict(
        run="r", commit=commit() if of is None else of, substrate="embedded", tier="corner", judged=judged
    ).sign(folder)


def recheck(*words):
    return CliRunner().invoke(app, ["recheck", *map(str, words)], env={"COLUMNS": "200"})


def test_what_is_read_back_is_what_was_saved(tmp_path):
    save(tmp_path)
    read = load(tmp_path)
    assert read == replace(SOUND, secrets={"SHOP_SEAL": "<SHOP_SEAL>"}, manifest=read.manifest)
    assert lacking(read) == []


def test_a_secret_that_leaked_is_found_again_and_is_nowhere_to_be_read(tmp_path):
    save(tmp_path, sound_but(logs={"web": ["key=hunter2", "postgresql://u:pass@h/d"]}))
    assert [path for path in tmp_path.rglob("*.*") if "hunter2" in path.read_text()] == []
    finding = JUDGES.judge(load(tmp_path))["no_secret"]
    assert finding.outcome is Outcome.VIOLATED
    assert "SHOP_SEAL is in line 1 of the log of web" in finding.facts


def test_a_sound_run_passes_again(tmp_path):
    save(tmp_path / "evidence" / "one")
    sign(tmp_path, "one")
    found = recheck(tmp_path)
    assert found.exit_code == 0, found.output
    assert "evidence/one" in found.output
    assert found.output.count("holds") == len(JUDGES.judge(SOUND))


def test_what_was_judged_and_is_gone_and_what_nobody_signed_off_is_unknown(tmp_path):
    save(tmp_path / "evidence" / "one")
    assert "nobody has signed off what was judged" in recheck(tmp_path).output
    sign(tmp_path, "one", "two")
    found = recheck(tmp_path)
    assert (found.exit_code, "t.py::two: its evidence is missing" in found.output) == (Exit.UNKNOWN, True)
    sign(tmp_path)
    assert "evidence/one: nobody has signed off that it was judged" in recheck(tmp_path).output
    sign(tmp_path, "one")
    changed = (tmp_path / "verdict.json").read_text().replace("t.py::one", "t.py::six")
    (tmp_path / "verdict.json").write_text(changed)
    found = recheck(tmp_path)
    assert (found.exit_code, "not as it was signed off" in found.output) == (Exit.UNKNOWN, True)


def test_what_was_judged_and_has_given_way_to_other_evidence_is_unknown(tmp_path):
    """Each is sound by itself, and is sealed: but not as what was judged of that scenario."""
    save(tmp_path / "evidence" / "one")
    save(tmp_path / "evidence" / "two", sound_but(facts={"seed": 7}))
    sign(tmp_path, "one", "two")
    assert recheck(tmp_path).exit_code == 0
    shutil.rmtree(tmp_path / "evidence" / "two")
    shutil.copytree(tmp_path / "evidence" / "one", tmp_path / "evidence" / "two")
    found = recheck(tmp_path)
    assert (found.exit_code, "t.py::two: its evidence is not the one that was judged" in found.output) == (
        Exit.UNKNOWN,
        True,
    )


def test_a_run_of_another_commit_is_unknown_unless_that_one_or_any_is_asked_for(tmp_path):
    save(tmp_path / "evidence" / "one")
    sign(tmp_path, "one", of="abc")
    found = recheck(tmp_path)
    assert (found.exit_code, "the run is of abc, and not of" in found.output) == (Exit.UNKNOWN, True)
    assert recheck(tmp_path, "--commit", "abc").exit_code == 0
    assert recheck(tmp_path, "--commit", "abd").exit_code == Exit.UNKNOWN
    assert recheck(tmp_path, "--commit", "any").exit_code == 0


def test_what_failed_in_its_teardown_is_no_pass_though_its_evidence_is_sound(tmp_path):
    save(tmp_path / "evidence" / "one")
    sign(tmp_path, "one", passed=False)
    found = recheck(tmp_path)
    assert (found.exit_code, "it failed when it was played" in found.output) == (Exit.VIOLATED, True)


def test_what_was_skipped_is_unknown_though_its_evidence_is_sound(tmp_path):
    save(tmp_path / "evidence" / "one")
    sign(tmp_path, "one", passed=False, skipped=True)
    found = recheck(tmp_path)
    assert (found.exit_code, "it proved nothing when it was played" in found.output) == (Exit.UNKNOWN, True)


@pytest.mark.parametrize("broken", [{"states": {"order": {NUMBER: "new"}}}, {"parcels": [PARCEL, PARCEL]}])
def test_a_broken_run_fails_again(tmp_path, broken):
    save(tmp_path / "evidence" / "one")
    save(tmp_path / "evidence" / "two", sound_but(**broken))
    found = recheck(tmp_path)
    assert found.exit_code == 1
    assert "violated" in found.output
    assert f"order {NUMBER}" in found.output


def before_there_were_manifests(folder):
    """As runs were kept before: no manifest, errors by their pattern alone, and the names of checks that were left out."""
    save(folder, sound_but(logs=LOGS | {"web": ['{"level": "error", "message": "fire"}']}))
    (folder / "manifest.json").unlink()
    facts = json.loads((folder / "evidence.json").read_text())
    del facts["violated"]
    facts |= {"expected_errors": ["fire"], "not_judged": ["nothing_doubled"]}
    (folder / "evidence.json").write_text(json.dumps(facts))


def test_a_run_of_before_is_judged_and_what_a_manifest_would_have_said_is_unknown(tmp_path):
    before_there_were_manifests(tmp_path)
    found = JUDGES.judge(load(tmp_path, shop.tables))
    assert {name for name, finding in found.items() if finding.outcome is not Outcome.HOLDS} == {"whole"}
    assert found["whole"].facts == ("it was kept without a manifest: whether anything is missing is unknown",)
    shown = recheck(tmp_path)
    assert (shown.exit_code, "without a manifest" in shown.output) == (Exit.UNKNOWN, True)


def test_a_control_is_one_again(tmp_path):
    save(tmp_path, sound_but(parcels=[PARCEL, PARCEL], violated=["nothing_doubled"]))
    assert recheck(tmp_path).exit_code == 0


KEPT = sorted(
    [f"database/{table}.ndjson" for table in SOUND.tables]
    + [f"logs/{node}.log" for node in SOUND.logs]
    + ["startup/web.log", "journal.ndjson", "queues.json", "states.json", "evidence.json", "manifest.json"]
)


def cut(path):
    path.write_bytes(path.read_bytes()[:-2])


def doubled(path):
    path.write_bytes(path.read_bytes() * 2)


@pytest.mark.parametrize("how", [Path.unlink, cut, doubled], ids=["gone", "cut", "doubled"])
@pytest.mark.parametrize("file", KEPT)
def test_whatever_file_is_not_as_it_was_kept_is_missed(tmp_path, file, how):
    save(tmp_path)
    how(tmp_path / file)
    shown = recheck(tmp_path)
    if file == "evidence.json" and how is Path.unlink:
        assert shown.exit_code == Exit.USAGE  # that is what makes a folder one of evidence
        return
    assert shown.exit_code == Exit.UNKNOWN, shown.output


def test_no_two_scenarios_share_a_folder():
    long = "scenarios/a.py::test_" + "x" * 100
    names = [
        long + "[a]",
        "y" + long + "[a]",
        "t.py::test[a b]",
        "t.py::test[a-b]",
        "t.py::test[(a)]",
        "t.py::test[<a>]",
    ]
    assert len({folder_name(name) for name in names}) == len(names)


@pytest.mark.parametrize("lost", ["journal.ndjson", "database/parcels.ndjson", "queues.json"])
def test_evidence_that_is_incomplete_is_unknown_and_no_pass(tmp_path, lost):
    save(tmp_path)
    (tmp_path / lost).unlink()
    with pytest.raises(IncompleteError):
        load(tmp_path, shop.tables)
    found = recheck(tmp_path)
    assert found.exit_code == Exit.UNKNOWN
    assert "unknown" in found.output


@pytest.mark.parametrize("record", ['{"at": 1.0}', '{"kind": "call"}', '{"kind": "call", "at": "noon"}'])
def test_a_record_of_which_nobody_knows_what_or_when_it_was_is_unknown(tmp_path, record):
    save(tmp_path)
    journal = tmp_path / "journal.ndjson"
    journal.write_text(f"{record}\n{journal.read_text()}")
    found = recheck(tmp_path)
    assert found.exit_code == Exit.UNKNOWN
    assert "a record of it has no kind, or no time" in found.output


def test_what_a_bundle_could_not_gather_is_told(tmp_path):
    save(tmp_path)
    (tmp_path / "missing.txt").write_text("the database: OSError: gone")
    assert "the database: OSError: gone" in recheck(tmp_path).output


def test_a_run_without_evidence_says_so():
    found = recheck("no-such-run")
    assert found.exit_code == 2
    assert "there is no evidence" in found.output
