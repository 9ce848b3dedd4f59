"""`harness try` as a person types it: what it lists, refuses, shows and keeps, and how it ends."""

import json
import sys
import xml.etree.ElementTree as ET

import pytest
from typer.testing import CliRunner

from harness.application import App, http, post
from harness.base.exits import Exit
from harness.base.project import SOURCE
from harness.base.wait import WaitTimeoutError
from harness.cli import app as command
from harness.evidence.checks.finding import Finding
from harness.experiments.trial.campaign import Trial, chosen
from harness.experiments.trial.junit import write
from harness.experiments.trial.promises import PROMISES
from harness.experiments.trial.row import Row
from harness.tests.shop import shop

HELD = Finding.judge([], seen=1, what="things")
RED = Finding.judge(["job 7 is lost"], seen=1, what="things")
UNKNOWN = Finding.unknown("effect=... would decide it")


def row(finding, name="killed-group"):
    mend = "" if finding.outcome.good else "acknowledge late"
    return Row(
        promise=name,
        sentence="It holds",
        work="job",
        finding=finding,
        again="harness try",
        mend=mend,
        seconds=1.0,
    )


@pytest.fixture
def tried(monkeypatch):
    """Types the command for an application whose promises come out so."""

    def typed(*findings, arguments=(), error=None):
        def play(self):
            yield from map(row, findings)
            if error:
                raise error

        monkeypatch.setattr(Trial, "play", play)
        monkeypatch.setattr(sys.modules["harness.cli.trial"], "application", lambda: shop)
        return CliRunner().invoke(command, ["try", *arguments], env={"COLUMNS": "200"})

    return typed


@pytest.mark.parametrize(
    ("findings", "code"),
    [
        ([HELD], Exit.HOLDS),
        ([HELD, RED, UNKNOWN], Exit.VIOLATED),
        ([HELD, UNKNOWN], Exit.UNKNOWN),
        ([], Exit.UNKNOWN),
    ],
)
def test_it_ends_as_the_one_table_says(tried, findings, code):
    assert tried(*findings).exit_code == code


def test_what_does_not_become_ready_is_invalid(tried):
    ended = tried(error=WaitTimeoutError("worker: ended with exit code 1"))
    assert ended.exit_code == Exit.INVALID
    assert "did not become ready" in ended.stderr


def test_what_breaks_off_is_no_pass_though_all_before_it_held(tried):
    assert tried(HELD, error=WaitTimeoutError("worker: ended with exit code 1")).exit_code == Exit.UNKNOWN


def test_each_line_has_the_evidence_and_a_red_one_how_it_is_seen_again_and_mended(tried):
    shown = tried(HELD, RED).stdout
    assert "killed-group  job  held      1 things judged" in shown
    assert "violated  job 7 is lost" in shown
    assert "again:    harness try" in shown
    assert "mend:     acknowledge late" in shown


def test_as_json_it_is_all_that_stands_on_standard_output(tried):
    said = json.loads(tried(HELD, RED, arguments=["--json"]).stdout)
    assert [found["outcome"] for found in said["rows"]] == ["held", "violated"]
    assert said["application"] == "shop"


def test_for_a_ci_server_a_violation_is_a_failure_and_an_unknown_an_error(tmp_path):
    write(tmp_path / "deep/junit.xml", "jobs", [row(HELD), row(RED), row(UNKNOWN)])
    suite = ET.parse(tmp_path / "deep/junit.xml").getroot()  # noqa: S314 - ours
    assert {name: suite.get(name) for name in ("tests", "failures", "errors")} == {
        "tests": "3",
        "failures": "1",
        "errors": "1",
    }
    assert [child.tag for case in suite for child in case] == ["failure", "error"]


def test_a_promise_that_is_not_there_is_told_with_what_is_near(tried):
    ended = tried(HELD, arguments=["--promise", "kiled-group"])
    assert ended.exit_code == Exit.USAGE
    assert "did you mean 'killed-group'?" in ended.stderr


def test_they_are_listed(tried):
    listed = tried(arguments=["--list"]).stdout
    assert [line.split()[0] for line in listed.splitlines()] == [one.name for one in PROMISES]


def test_only_what_applies_is_asked_for():
    little = App("little")
    little.role("web", "web --port {port}", ready=http("/"))
    little.work("job", accepted=post("/jobs"), state="SELECT 1 WHERE '' <> :id", ends={"1"})
    assert [one.name for one in chosen(little)] == ["undisturbed", "quiet"]
    names = {one.name for one in chosen(shop)}
    assert "killed-group" in names
    assert "provider-fails" not in names
    assert [one.name for one in chosen(shop, ["flushed"])] == ["flushed"]


def test_names_are_told_apart_and_each_promise_has_a_page():
    names = [one.name for one in PROMISES]
    assert len({*names}) == len(names)
    pages = {path.stem for path in (SOURCE / "docs/promises").glob("*.md")}
    assert pages == {*names, "migrates"}
