"""`harness audit` as a person and as CI use it."""

import json
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from harness.cli.audit import audit as command
from harness.deployment.audit.rule import Finding, Flaw, Place, Severity
from harness.deployment.audit.rules.ports import PORTS
from harness.deployment.audit.show import as_github, as_json

HARNESS = Path(sys.executable).with_name("harness")
WARNING = Finding(
    PORTS, Flaw(Place("deploy/tiers.toml"), "is odd: 100 %\nand more", "look at it", Severity.WARNING)
)


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [HARNESS, "audit", *arguments], capture_output=True, text=True, timeout=30, check=False
    )


@pytest.fixture
def wrong(repository):
    path = repository / "deploy/services.toml"
    path.write_text(path.read_text().replace('DEBUG = "false"', 'DEBUG = "true"', 1))
    return repository


def test_a_right_declaration_ends_with_0_and_one_line(repository):
    ended = run("--root", str(repository))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert re.fullmatch(r"0 errors, 0 warnings by \d+ rules\s*", ended.stdout)


def test_an_error_ends_with_1_and_says_where_what_why_and_how_to_mend_it(wrong):
    ended = run("--root", str(wrong))
    assert ended.returncode == 1
    said = re.sub(r"\s+", " ", ended.stdout)
    assert re.search(
        r"error production deploy/services\.toml:\d+ roadmap-api\.DEBUG is 'true' why only production", said
    )
    assert "fix DEBUG = 'false' 1 errors, 0 warnings" in said


def test_json_is_a_list_of_all_that_is_known(wrong):
    ended = run("--root", str(wrong), "--format", "json")
    assert ended.returncode == 1
    (finding,) = json.loads(ended.stdout)
    assert finding.keys() == {"rule", "severity", "file", "line", "name", "what", "why", "fix"}
    assert (finding["rule"], finding["severity"], finding["name"]) == (
        "production",
        "error",
        "roadmap-api.DEBUG",
    )
    assert finding["line"] > 1


def test_github_gets_a_command_for_each_finding(wrong):
    ended = run("--root", str(wrong), "--format", "github")
    assert ended.returncode == 1
    assert re.match(
        r"::error file=deploy/services\.toml,line=\d+,title=audit%3A production::roadmap-api\.DEBUG: is 'true'%0Awhy: ",
        ended.stdout,
    )
    assert len(ended.stdout.splitlines()) == 1


def test_what_would_end_a_workflow_command_is_escaped():
    assert as_github([WARNING]).startswith(
        "::warning file=deploy/tiers.toml,line=1,title=audit%3A ports::is odd: 100 %25%0Aand more%0Awhy: "
    )
    assert json.loads(as_json([WARNING]))[0]["what"] == "is odd: 100 %\nand more"


def test_a_warning_is_no_failure(monkeypatch, capsys):
    monkeypatch.setattr("harness.deployment.audit.audit", lambda _: [WARNING])
    command()
    assert "0 errors, 1 warnings" in capsys.readouterr().out


def test_it_takes_less_than_two_seconds(repository):
    """Of a processor: it waits for nothing, and what others do on this machine is not its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run("--root", str(repository))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2
