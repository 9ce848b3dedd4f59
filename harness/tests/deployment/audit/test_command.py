"""`harness audit` as a person and as CI use it."""

import json
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from harness.base import pace
from harness.cli.audit import audit as command
from harness.deployment.audit import RULES
from harness.deployment.audit.flaw import Flaw, Place, Severity
from harness.deployment.audit.rule import Breach
from harness.deployment.audit.rules.ports import PORTS
from harness.deployment.audit.show import as_github, as_json
from harness.tests.base import sarif_schema
from harness.tests.deployment import shop

HARNESS = Path(sys.executable).with_name("harness")
WARNING = Breach(
    PORTS, Flaw(Place("platform/tiers.toml"), "is odd: 100 %\nand more", "look at it", Severity.WARNING)
)


@pytest.fixture
def run(repository):
    """The command, in the shop's repository."""

    def ended(*arguments):
        return subprocess.run(
            [HARNESS, "audit", *arguments],
            cwd=repository,
            capture_output=True,
            text=True,
            timeout=60 * pace.factor(),
            check=False,
        )

    return ended


@pytest.fixture
def wrong(edit):
    return edit("platform/services.toml", 'STAGE = "live"', 'STAGE = "desk"')


def test_a_right_declaration_ends_with_0_and_one_line_that_counts_the_applications_own_rules(run):
    ended = run()
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.rstrip() == f"0 errors, 0 warnings by {len(RULES) + 1} rules"


def test_an_error_ends_with_1_and_says_where_what_why_and_how_to_mend_it(run, wrong):
    ended = run("--root", str(wrong))
    assert ended.returncode == 1
    said = re.sub(r"\s+", " ", ended.stdout)
    assert re.search(
        r"error production platform/services\.toml:\d+ shop-api\.STAGE is 'desk' why only production", said
    )
    assert "fix STAGE = 'live' 1 errors, 0 warnings" in said


def test_json_is_a_list_of_all_that_is_known(run, wrong):
    ended = run("--format", "json")
    assert ended.returncode == 1
    (finding,) = json.loads(ended.stdout)
    assert finding.keys() == {"rule", "severity", "file", "line", "name", "what", "why", "fix"}
    assert (finding["rule"], finding["severity"], finding["name"]) == (
        "production",
        "error",
        "shop-api.STAGE",
    )
    assert finding["line"] > 1


def test_github_gets_a_command_for_each_finding(run, wrong):
    ended = run("--format", "github")
    assert ended.returncode == 1
    assert re.match(
        r"::error file=platform/services\.toml,line=\d+,title=audit%3A production::shop-api\.STAGE: is 'desk'%0Awhy: ",
        ended.stdout,
    )
    assert len(ended.stdout.splitlines()) == 1


def test_sarif_is_valid_and_has_file_and_line(run, wrong, tmp_path):
    path = tmp_path / "found" / "audit.sarif"
    assert run("--sarif", str(path)).returncode == 1
    written = json.loads(path.read_text(encoding="utf-8"))
    assert sarif_schema.problems(written) == []
    (found,) = written["runs"]
    (result,) = found["results"]
    place = result["locations"][0]["physicalLocation"]
    lines = (wrong / "platform/services.toml").read_text().splitlines()
    assert (result["ruleId"], result["level"]) == ("production", "error")
    assert place["artifactLocation"]["uri"] == "platform/services.toml"
    assert lines[place["region"]["startLine"] - 1] == 'STAGE = "desk"'
    assert len(found["tool"]["driver"]["rules"]) == len(RULES) + 1


def test_sarif_of_what_is_right_has_no_result(run, tmp_path):
    path = tmp_path / "audit.sarif"
    assert run("--sarif", str(path)).returncode == 0
    written = json.loads(path.read_text(encoding="utf-8"))
    assert sarif_schema.problems(written) == []
    assert written["runs"][0]["results"] == []


def test_what_would_end_a_workflow_command_is_escaped():
    assert as_github([WARNING]).startswith(
        "::warning file=platform/tiers.toml,line=1,title=audit%3A ports::is odd: 100 %25%0Aand more%0Awhy: "
    )
    assert json.loads(as_json([WARNING]))[0]["what"] == "is odd: 100 %\nand more"


def test_a_warning_is_no_failure(monkeypatch, capsys):
    monkeypatch.setattr("harness.deployment.program.program_of", lambda _: None)
    monkeypatch.setattr("harness.deployment.audit.audit", lambda *_: [WARNING])
    command()
    assert "0 errors, 1 warnings" in capsys.readouterr().out


def test_a_declaration_that_the_application_itself_cannot_read_is_a_breach(run, repository, edit):
    """An application may well read its own declaration when it is imported; an audit is there to say what is wrong with it."""
    loads = "from harness.deployment.declaration import Deployment\nDeployment.load(app.root, PROGRAM)\n"
    with (repository / "shop_application.py").open("a") as file:
        file.write(loads)
    edit("platform/services.toml", "public_port", "publik_port")
    ended = run("--format", "json")
    assert ended.returncode == 1, ended.stderr
    (breach,) = json.loads(ended.stdout)
    assert (breach["rule"], breach["file"]) == ("declaration", "platform/services.toml")
    assert breach["line"] == shop.SERVICES.splitlines().index('public_port = "PORT"') + 1
    assert 'did you mean "public_port"' in breach["what"]


def test_an_application_without_a_program_is_a_users_mistake(run, edit):
    edit("shop_application.py", ", program=PROGRAM", "")
    ended = run()
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("shop declares no program")


def test_it_takes_less_than_two_seconds(run):
    """Of a processor: it waits for nothing, and what others do on this machine is not its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2


def test_the_rules_are_listed_with_what_they_demand_and_each_says_why(run):
    listed = run("--rules")
    assert listed.returncode == 0
    lines = listed.stdout.splitlines()
    assert len(lines) == len(RULES) + 1  # and the application's own
    for rule in RULES:
        assert any(line.split() == [rule.name, *rule.states.split()] for line in lines), rule.name
    told = run("--explain", PORTS.name)
    assert (told.returncode, told.stdout) == (0, f"ports: {PORTS.states}\nwhy: {PORTS.why}\n")


def test_only_the_rules_that_are_named_judge(run, wrong):
    assert run("--root", str(wrong), "--rule", "production").returncode == 1
    others = run("--root", str(wrong), "--rule", "ports", "--rule", "tls")
    assert (others.returncode, others.stdout.strip()) == (0, "0 errors, 0 warnings by 2 rules")


@pytest.mark.parametrize("option", ["--rule", "--explain"])
def test_a_rule_that_is_none_is_a_mistake_and_the_near_one_is_named(run, option):
    refused = run(option, "prots")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == "there is no rule 'prots': did you mean ports?\n"
    assert "harness audit --rules lists them" in run(option, "zzz").stderr
