"""What was signed off is the measure of what is judged again: whatever is missing, beside it, or not as it was is no pass."""

import json
import shutil
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from harness.base.commit import commit
from harness.base.exits import Exit
from harness.cli import app
from harness.evidence import judged_again, session_verdict
from harness.evidence.evidence_folder import EvidenceFolder, seal_of
from harness.evidence.redaction import Redactor
from harness.evidence.session_verdict import Played, SessionVerdict
from harness.evidence.signed import write_signed
from harness.evidence.verdict import FILE, Judged, Verdict
from harness.tests.evidence.history import SOUND

GREEN = {"whole": "holds"}


def save(folder):
    EvidenceFolder(folder, Redactor(SOUND.secrets)).save(SOUND)


def judged(run, name, **changed):
    told = {"folder": f"evidence/{name}", "passed": True, "checks": GREEN}
    return Judged(**{**told, "seal": seal_of(run / "evidence" / name), **changed})


def signed(run, scenarios, **changed):
    told = {"run": run.name, "commit": commit(), "substrate": "embedded", "tier": "corner"}
    Verdict(**{**told, "judged": scenarios, **changed}).sign(run)


@pytest.fixture
def run(tmp_path):
    """With one sound scenario that was signed off."""
    folder = tmp_path / "runs" / "20260101-000000-tests-abc"
    save(folder / "evidence" / "one")
    signed(folder, {"t.py::one": judged(folder, "one")})
    return folder


def recheck(*words):
    ended = CliRunner().invoke(app, ["recheck", *map(str, words)], env={"COLUMNS": "250"})
    return ended.exit_code, ended.output


def says(sentence, *words):
    """That the outcome is unknown, and why."""
    code, said = recheck(*words)
    assert sentence in said
    return code


def test_whichever_folder_of_a_run_is_named_what_was_signed_off_counts(run):
    assert [recheck(place)[0] for place in (run, run / "evidence", run / "evidence" / "one")] == [0, 0, 0]
    signed(run, {"t.py::one": judged(run, "one", passed=False)})
    for place in (run, run / "evidence", run / "evidence" / "one"):
        assert says("t.py::one: it failed when it was played", place) is Exit.VIOLATED


def test_a_bundle_whose_evidence_is_sound_is_of_a_scenario_that_failed(run):
    shutil.copytree(run / "evidence" / "one", run / "failures" / "t.py-one-2")
    signed(run, {"t.py::one": judged(run, "one", passed=False)})
    assert says("it failed when it was played", run / "failures" / "t.py-one-2") is Exit.VIOLATED


def test_what_one_scenario_lacks_is_not_held_against_another(run):
    save(run / "evidence" / "two")
    signed(run, {"t.py::one": judged(run, "one"), "t.py::two": judged(run, "two", passed=False)})
    assert recheck(run / "evidence" / "one")[0] is Exit.HOLDS
    assert recheck(run)[0] is Exit.VIOLATED


@pytest.mark.parametrize("place", ["evidence/deep/er", "kept", "evidence/two"])
def test_evidence_that_nobody_signed_off_is_seen_wherever_it_lies(run, place):
    save(run / place)
    assert says(f"{place}: nobody has signed off that it was judged", run) is Exit.UNKNOWN


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"folder": "", "seal": ""}, "t.py::one: it passed, and has left no evidence"),
        ({"seal": ""}, "t.py::one: its evidence was never sealed"),
        ({"seal": "0" * 32}, "t.py::one: its evidence is not the one that was judged"),
        ({"checks": {}}, "t.py::one: it proved nothing when it was played"),
        ({"checks": {"whole": "nothing to judge"}}, "t.py::one: it proved nothing when it was played"),
        ({"checks": {"whole": "unknown"}}, "t.py::one: it proved nothing when it was played"),
        ({"checks": {"whole": "fine"}}, "fine is no outcome"),
        ({"checks": {"whole": 1}}, "cannot be read"),
        ({"passed": "yes"}, "cannot be read"),
    ],
)
def test_a_verdict_that_does_not_say_enough_is_no_pass(run, changed, said):
    signed(run, {"t.py::one": judged(run, "one", **changed)})
    assert says(said, run) is Exit.UNKNOWN


def test_two_scenarios_with_one_folder_have_one_too_few(run):
    signed(run, {"t.py::one": judged(run, "one"), "t.py::two": judged(run, "one")})
    assert says("evidence/one is the evidence of t.py::one and of t.py::two", run) is Exit.UNKNOWN


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", "null", '{"signed": 1}', "[" * 100_000, '"' + "\ud800" + '"']
)
def test_what_is_no_verdict_is_none(run, content):
    (run / FILE).write_bytes(content.encode("utf-8", errors="surrogatepass"))
    assert says("verdict.json", run) is Exit.UNKNOWN


def test_a_verdict_that_has_lost_its_scenarios_is_no_pass(run):
    told = json.loads((run / FILE).read_text())
    del told["signed"], told["judged"]
    write_signed(run / FILE, told)
    assert says("nobody has signed off that it was judged", run) is Exit.UNKNOWN


@pytest.mark.parametrize(
    "file", ["logs/stranger.log", "logs/deep/x.txt", "database/orders.csv", "startup/x.log"]
)
def test_a_file_that_was_put_beside_what_was_kept_is_seen(run, file):
    path = run / "evidence" / "one" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("it all went well\n")
    assert says(path.stem, run) is Exit.UNKNOWN


@pytest.mark.parametrize(
    "file", ["evidence.json", "queues.json", "states.json", "journal.ndjson", "manifest.json"]
)
def test_what_nests_too_deep_to_be_read_is_unknown(run, file):
    (run / "evidence" / "one" / file).write_text("[" * 100_000)
    assert recheck(run)[0] is Exit.UNKNOWN


@pytest.mark.parametrize(
    ("option", "right", "wrong"),
    [
        ("--tier", "corner", "market"),
        ("--substrate", "embedded", "containers"),
        ("--postgres", "17", "15"),
        ("--redis", "8", "7"),
        ("--commit", commit(), "abc"),
    ],
)
def test_a_run_of_another_kind_than_was_asked_for_is_unknown(run, option, right, wrong):
    signed(run, {"t.py::one": judged(run, "one")}, versions={"postgres": "17", "redis": "8"})
    assert recheck(run, option, right)[0] is Exit.HOLDS
    assert recheck(run, option, "any")[0] is Exit.HOLDS
    assert says("the run is of", run, option, wrong) is Exit.UNKNOWN


def test_a_run_that_does_not_say_its_version_is_not_of_that_version(run):
    assert says("the run is of no postgres, and not of postgres 17", run, "--postgres", "17") is Exit.UNKNOWN


def test_a_tier_that_is_declared_no_more_is_stale(run):
    signed(run, {"t.py::one": judged(run, "one")}, tier="bazaar")
    assert says("the run is of tier bazaar, which is none now", run) is Exit.UNKNOWN


# --- whole sessions


@pytest.fixture
def session(run, tmp_path, monkeypatch):
    """Signs one off, with what is changed in it."""
    monkeypatch.setattr(judged_again, "RUNS", run.parent)
    monkeypatch.setattr("harness.base.run.RUNS", run.parent)
    monkeypatch.setattr(session_verdict, "SESSIONS", tmp_path / "sessions")

    def sign(**changed):
        told = {
            "session": "20260101-embedded",
            "commit": commit(),
            "declared": ("t.py::one",),
            "played": {"t.py::one": Played("passed", run.name)},
        }
        SessionVerdict(**{**told, **changed}).sign(tmp_path / "sessions")

    sign()
    return sign


def test_a_session_whose_every_scenario_was_played_and_holds_does(session):
    assert recheck()[0] is Exit.HOLDS
    assert recheck("last")[0] is Exit.HOLDS
    assert recheck("20260101-embedded")[0] is Exit.HOLDS


@pytest.mark.parametrize(
    ("changed", "said", "code"),
    [
        ({"declared": ("t.py::one", "t.py::two")}, "it was declared, and was not played", Exit.UNKNOWN),
        ({"declared": ()}, "no scenario was declared", Exit.UNKNOWN),
        ({"played": {}}, "it was declared, and was not played", Exit.UNKNOWN),
        ({"played": {"t.py::one": Played("passed", "20250101-gone")}}, "no evidence in", Exit.UNKNOWN),
        ({"played": {"t.py::one": Played("skipped", "")}}, "it was skipped", Exit.UNKNOWN),
        ({"played": {"t.py::one": Played("done", "")}}, "it is said to have done", Exit.UNKNOWN),
        ({"played": {"t.py::one": Played("failed", "")}}, "it failed when it was played", Exit.VIOLATED),
        ({"commit": "abc"}, "as its session is", Exit.UNKNOWN),
        ({"commit": "abc"}, "the session is of abc, and not of", Exit.UNKNOWN),
    ],
)
def test_what_a_session_was_to_play_and_did_not_is_no_pass(session, changed, said, code):
    session(**changed)
    assert says(said) is code


def test_a_scenario_that_its_run_does_not_know_was_not_judged(session, run):
    two = {"t.py::one": Played("passed", run.name), "t.py::two": Played("passed", run.name)}
    session(declared=tuple(two), played=two)
    assert says("it was played on 20260101-000000-tests-abc, and not judged") is Exit.UNKNOWN


@pytest.mark.parametrize("name", ["..", "../runs/20260101-000000-tests-abc", "/"])
def test_a_path_is_no_name_of_a_run(session, name):
    session(played={"t.py::one": Played("passed", name)})
    assert says("it is no name of a run") is Exit.UNKNOWN


def test_a_run_with_the_verdict_of_another_one_was_not_judged(session, run):
    replace(Verdict.load(run), run="20260101-000000-tests-xyz").sign(run)
    assert says("its verdict is of another run, 20260101-000000-tests-xyz") is Exit.UNKNOWN


def test_a_session_under_the_name_of_another_one_is_none(session, tmp_path):
    path = tmp_path / "sessions" / "20260101-embedded.json"
    path.rename(path.with_name("20260102-embedded.json"))
    assert says("20260102-embedded.json is of another session, 20260101-embedded") is Exit.UNKNOWN


def test_a_session_that_was_changed_after_it_was_signed_off_is_no_session(session, tmp_path):
    path = tmp_path / "sessions" / "20260101-embedded.json"
    path.write_text(path.read_text().replace("t.py::one", "t.py::six"))
    assert says("not as it was signed off") is Exit.UNKNOWN


def test_where_nothing_was_played_there_is_nothing_to_judge(session, tmp_path):
    shutil.rmtree(tmp_path / "sessions")
    assert says("no test session that used a stack has left anything") is Exit.USAGE
