"""What failed is told in JUnit's XML, in a summary and at the lines in question: by a session of one process and of several."""

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from harness.base.github import ACTIONS, SUMMARY
from harness.plugin.failure import WORKSPACE
from harness.plugin.job_summary import RUN
from harness.tests.shop.project_folder import ProjectFolder

WRONG = '''
import pytest

def helper():
    raise ValueError("100 % wrong,\\nas said: here")  # the helper's line

def test_holds():
    "Whatever holds is told of nowhere."

def test_wrong():
    "An order is <b>packed</b> | `once`."
    assert 1 == 2  # the test's line

@pytest.mark.parametrize("case", ["tea, milk", "oil: 1"])
def test_case(case):
    "Each case is seen."
    helper()  # the last line of its own

@pytest.fixture
def broken():
    raise LookupError("no table")  # the fixture's line

def test_never_begun(broken):
    """What a test needs is there."""

def test_without_a_trace():
    pytest.fail("for no reason", pytrace=False)
'''
STACKED = '''
import pytest
from harness.stack.client import use

@pytest.mark.row(7)
def test_lost(system):
    """An order that was accepted is packed."""
    use(system.stack)
    system.database.execute("TRUNCATE orders CASCADE")
    system.check()  # the line that fails

def test_error(system):
    """Nothing goes wrong in silence."""
    with system.node("web").log.path.open("a") as log:
        log.write('{"level": "error", "message": "the pool is on fire"}\\n')
'''
HERE, WORKER = (), ("-n", "1")  # what a worker of pytest-xdist reports comes as text
A_SESSION = pytest.mark.timeout(300)  # of its own, which imports all that a session needs
OUTSIDE = (ACTIONS, SUMMARY, WORKSPACE, *RUN)
JOB = dict(zip(RUN, ("https://github.com", "some/where", "12"), strict=True))
PLUGIN = """
from harness.plugin.failures import Failures
from harness.plugin.hooks import pytest_itemcollected

def pytest_configure(config):
    config.pluginmanager.register(Failures(config, "embedded", config.rootpath / "summaries"))
"""


def run(folder, source, *arguments, **environment):
    """A session in the shop's project; what it has written, line by line."""
    (folder / "test_wrong.py").write_text(source)
    given = {name: value for name, value in os.environ.items() if name not in OUTSIDE} | environment
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--substrate",
        "embedded",
        "--junitxml",
        "found/junit.xml",
        *arguments,
    ]
    ended = subprocess.run(command, cwd=folder, env=given, capture_output=True, text=True, check=False)
    return ended.stdout.splitlines()


def cases(folder):
    """Name of a test -> its element in JUnit's XML."""
    root = ET.parse(folder / "found" / "junit.xml").getroot()  # noqa: S314 - our own
    return {case.get("name"): case for case in root.iter("testcase")}


def properties(case):
    return [(one.get("name"), one.get("value")) for one in case.iter("property")]


def line_of(source, said):
    return next(number for number, line in enumerate(source.splitlines(), 1) if said in line)


@pytest.fixture(scope="module", params=[HERE, WORKER], ids=["here", "worker"])
def failed(request, tmp_path_factory):
    """A session of GitHub's in which most fails: its folder, and what it has written."""
    folder = tmp_path_factory.mktemp("shop")
    ProjectFolder.copy(folder)
    job = {ACTIONS: "true", SUMMARY: str(folder / "summary.md"), **JOB}
    return folder, run(folder, WRONG, *request.param, **job)


@A_SESSION
def test_junit_has_each_promise_and_counts_what_failed(failed):
    found = cases(failed[0])
    promises = {name: dict(properties(case))["promise"] for name, case in found.items()}
    assert promises == {
        "test_holds": "Whatever holds is told of nowhere.",
        "test_wrong": "An order is <b>packed</b> | `once`.",
        "test_case[tea, milk]": "Each case is seen. [tea, milk]",
        "test_case[oil: 1]": "Each case is seen. [oil: 1]",
        "test_never_begun": "What a test needs is there.",
        "test_without_a_trace": "test_without_a_trace",
    }
    ends = {name: {one.tag for one in case} - {"properties", "system-out"} for name, case in found.items()}
    assert ends.pop("test_holds") == set()
    assert ends.pop("test_never_begun") == {"error"}
    assert set(map(frozenset, ends.values())) == {frozenset({"failure"})}


@A_SESSION
def test_the_summary_says_of_each_what_it_promised_and_why_it_failed(failed):
    text = (failed[0] / "summary.md").read_text(encoding="utf-8")
    assert text.startswith("### 5 failed on embedded\n")
    assert text.count("\n#### ") == 5
    assert "#### An order is \\<b\\>packed\\</b\\> \\| \\`once\\`.\n" in text
    line = line_of(WRONG, "the test's line")
    assert f"- scenario: `test_wrong.py::test_wrong`, in call, at `test_wrong.py:{line}`" in text
    assert "assert 1 == 2" in text
    assert "in setup, at" in text
    assert "told of nowhere" not in text
    assert "https://github.com/some/where/actions/runs/12#artifacts" in text


@A_SESSION
def test_each_failure_is_an_annotation_at_the_line_of_the_test(failed):
    found = sorted(line for line in failed[1] if line.startswith("::error "))
    places = {
        "An order is <b>packed</b> | `once`.": "the test's line",
        "Each case is seen. [tea%2C milk]": "the helper's line",
        "Each case is seen. [oil%3A 1]": "the helper's line",
        "What a test needs is there.": "the fixture's line",
        "test_without_a_trace": "def test_without",
    }
    assert [line.split("::")[1] for line in found] == sorted(
        f"error file=test_wrong.py,line={line_of(WRONG, said)},title={promise}"
        for promise, said in places.items()
    )
    assert sum("::ValueError: 100 %25 wrong,%0Aas said: here%0Ascenario: " in line for line in found) == 2


@pytest.fixture
def told(pytester, monkeypatch):
    """What a session of this process has written that tells of failures alone."""
    for name in OUTSIDE:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeconftest(PLUGIN)

    def told(source, **environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, str(value))
        pytester.makepyfile(test_wrong=source)
        return pytester.runpytest_inprocess("-p", "no:cacheprovider").stdout.lines

    return told


def annotations(lines):
    return [line for line in lines if line.startswith("::error ")]


def test_without_a_job_the_summary_is_a_file_that_is_named(told, pytester):
    lines = told("def test_wrong(): assert 0")
    (path,) = (line.partition(": ")[2] for line in lines if line.startswith("summary of what failed: "))
    assert path.startswith(str(pytester.path / "summaries"))
    assert Path(path).read_text(encoding="utf-8").startswith("### 1 failed on embedded\n")
    assert annotations(lines) == []


def test_where_nothing_failed_nothing_is_written(told, tmp_path, pytester):
    lines = told("def test_holds(): pass", **{SUMMARY: tmp_path / "summary.md", ACTIONS: "true"})
    assert not (tmp_path / "summary.md").exists()
    assert not (pytester.path / "summaries").exists()
    assert annotations(lines) == []


def test_a_file_that_cannot_be_read_is_told_of_at_its_line(told):
    (found,) = annotations(told("import os\n\ndef test_never(:\n    pass\n", **{ACTIONS: "true"}))
    assert found.startswith("::error file=test_wrong.py,line=3,title=test_wrong.py::")


def test_a_file_that_cannot_be_imported_is_told_of_at_its_line(told):
    (found,) = annotations(told("import os\n\nimport nothing_of_the_kind\n", **{ACTIONS: "true"}))
    assert found.startswith("::error file=test_wrong.py,line=3,title=test_wrong.py::")


def test_an_error_elsewhere_is_told_of_at_the_line_that_led_there(told):
    (found,) = annotations(told("import json\ndef test_wrong():\n    json.loads('{')\n", **{ACTIONS: "true"}))
    assert found.startswith("::error file=test_wrong.py,line=3,")


def test_a_project_in_a_folder_of_the_repository_is_named_from_its_root(told, pytester):
    (found,) = annotations(
        told("def test_wrong(): assert 0", **{ACTIONS: "true", WORKSPACE: pytester.path.parent})
    )
    assert found.startswith(f"::error file={pytester.path.name}/test_wrong.py,line=1,title=test_wrong::")


def test_what_would_end_a_block_of_the_summary_does_not(told, tmp_path):
    path = tmp_path / "summary.md"
    told("def test_wrong(): raise ValueError('```\\n# loud\\n````')", **{SUMMARY: path})
    assert "\n`````text\nValueError: ```\n# loud\n````\n`````\n" in path.read_text(encoding="utf-8")


@pytest.mark.in_turn
@pytest.mark.e2e
@A_SESSION
@pytest.mark.parametrize("workers", [HERE, WORKER], ids=["here", "worker"])
def test_a_scenario_that_failed_is_told_with_its_check_its_last_lines_and_its_evidence(tmp_path, workers):
    project, path = tmp_path / "shop", tmp_path / "summary.md"
    project.mkdir()
    ProjectFolder.copy(project)
    shown = run(project, STACKED, *workers, **{SUMMARY: str(path)})
    assert "1 failed, 1 passed, 1 error" in shown[-1]
    told = properties(cases(project)["test_lost"])
    violated = [value for name, value in told if name == "violated check"]
    assert any(
        value.startswith("nothing_lost violated: order 1 was accepted and is lost") for value in violated
    )
    evidence = dict(told)["evidence of a failure"]
    assert (project / evidence).is_dir()
    assert dict(told)["promise"] == "An order that was accepted is packed."
    assert json.loads(dict(told)["row"])["row"] == 7
    (kept,) = (project / ".harness" / "rows").glob("*.ndjson")
    assert kept.read_text(encoding="utf-8") == f"{dict(told)['row']}\n"
    text = path.read_text(encoding="utf-8")
    assert (
        "nothing_lost violated: order 1 was accepted and is lost"
        in text.split("violated check:\n\n```text\n")[1]
    )
    assert f"- artefact: `{evidence}`" in text
    assert re.search(r"web, \d+ lines, \S+web\.log", text)
    assert f"at `test_wrong.py:{line_of(STACKED, 'the line that fails')}`" in text
    assert "in teardown, at" in text
    assert "the pool is on fire" in text
