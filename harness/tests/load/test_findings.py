"""A verdict in the formats of CI: each of them counts as no pass what was none."""

import json
from xml.etree import ElementTree as ET

import pytest

from harness.load import findings, reports
from harness.load.scaling import scaling
from harness.load.verdict import judge
from harness.tests.base.sarif_schema import problems
from harness.tests.load.declared import BAKERY, DEMANDS, MUTANTS
from harness.tests.load.made_up import made_up


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A folder with what was written of a tier that passes, one that fails and one that says nothing."""
    runs = [
        made_up("small"),
        MUTANTS["leaked-connections"].recorded(made_up("medium")),
        made_up("large").having(speed=0.0),
    ]
    verdicts = [judge(run, DEMANDS[run.tier], BAKERY) for run in runs]
    folder = tmp_path_factory.mktemp("findings")
    findings.write(runs, verdicts, [scaling(runs, verdicts, BAKERY)], BAKERY, folder)
    return folder


def test_junit_has_a_case_for_each_check_and_none_that_was_not_judged_is_a_pass(written):
    suites = {suite.get("name"): suite for suite in ET.fromstring((written / findings.JUNIT).read_text())}  # noqa: S314 - our own
    assert set(suites) == {"small", "medium", "large", "rows"}
    bad = {name: (suite.get("failures"), suite.get("errors")) for name, suite in suites.items()}
    assert bad["small"] == ("0", "0")
    assert bad["medium"][0] == "1"
    assert bad["large"][1] == "1"
    (case,) = [case for case in suites["medium"] if case.find("failure") is not None]
    assert case.get("name") == "budgets"
    assert "a leak" in case.find("failure").get("message")
    skipped = {case.get("name") for case in suites["large"] if case.find("skipped") is not None}
    assert {"objectives", "drain", "model_fit", "neighbour"} <= skipped
    assert all(int(suite.get("tests")) == len(suite) for suite in suites.values())


def test_sarif_is_what_the_one_writer_makes_and_a_run_that_says_nothing_was_not_successful(written):
    document = json.loads((written / findings.SARIF).read_text())
    (run,) = document["runs"]
    assert problems(document) == []
    assert not run["invocations"][0]["executionSuccessful"]
    found = {(one["ruleId"], one["level"]) for one in run["results"]}
    assert {("budgets", "error"), ("valid", "error")} <= found
    place = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert place == BAKERY.rows_file


def test_prometheus_reads_a_line_of_each_figure(written):
    lines = (written / findings.PROMETHEUS).read_text().splitlines()
    codes = {line for line in lines if line.startswith("load_verdict_exit_code{")}
    assert codes == {
        'load_verdict_exit_code{tier="small"} 0',
        'load_verdict_exit_code{tier="medium"} 1',
        'load_verdict_exit_code{tier="large"} 4',
    }
    figures = [line for line in lines if line.startswith("load_figure{")]
    assert any('check="objectives",about="time to order, p95",unit="s"' in line for line in figures)
    for line in lines:
        assert line.startswith("# ") or float(line.rpartition(" ")[2]) >= 0
    kinds = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(kinds) == len(set(kinds))


def test_nothing_judged_is_no_success():
    assert findings.analysis([], [], BAKERY).failure


def test_they_lie_beside_the_page(tmp_path):
    run = made_up("small")
    reports.write([run], [judge(run, DEMANDS["small"], BAKERY)], [], BAKERY, tmp_path)
    assert {findings.JUNIT, findings.SARIF, findings.PROMETHEUS} <= {path.name for path in tmp_path.iterdir()}
