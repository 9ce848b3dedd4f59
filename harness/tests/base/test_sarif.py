"""What is written is SARIF 2.1.0, by its own schema."""

import json

import pytest

from harness.base.sarif import SCHEMA, Analysis, Result, Rule, document, write
from harness.tests.base import sarif_schema

RESULTS = (
    Result(rule="ports", message="is open\n100 %", file="deploy/a b#1.toml", line=3, column=7),
    Result(rule="ports", message="is open", file="straße.toml", level="warning"),
    Result(rule="E501", message="无", level="note"),
)
FULL = Analysis(
    tool="audit", version="1.0", rules=[Rule("ports", "they are closed", "a way in")], results=RESULTS
)


@pytest.mark.parametrize(
    "analyses",
    [
        [],
        [Analysis(tool="ruff")],
        [FULL],
        [FULL, Analysis(tool="mypy", failure="exit code 2:\nno such plugin")],
        [
            Analysis(
                tool="t", results=[Result(rule="r", message="m", level=level) for level in ("error", "none")]
            )
        ],
    ],
)
def test_it_is_valid(analyses):
    assert sarif_schema.problems(document(analyses)) == []


def test_the_schema_is_the_one_that_is_named_and_sees_what_is_wrong():
    assert sarif_schema.SCHEMA["id"] == SCHEMA
    broken = document([FULL])
    broken["runs"][0]["results"][0]["level"] = "fatal"
    del broken["runs"][0]["tool"]
    assert len(sarif_schema.problems(broken)) == 2


def test_a_result_has_rule_file_and_line():
    (run,) = document([FULL])["runs"]
    first, second, third = run["results"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["ports", "E501"]
    assert [result["ruleIndex"] for result in run["results"]] == [0, 0, 1]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "deploy/a%20b%231.toml", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 3, "startColumn": 7}
    assert "region" not in second["locations"][0]["physicalLocation"]
    assert "locations" not in third
    assert run["invocations"] == [{"executionSuccessful": True}]


def test_a_tool_that_failed_is_told_from_one_that_found_nothing():
    (run,) = document([Analysis(tool="mypy", failure="exit code 2")])["runs"]
    assert run["results"] == []
    (invocation,) = run["invocations"]
    assert not invocation["executionSuccessful"]
    assert invocation["toolExecutionNotifications"][0]["message"] == {"text": "exit code 2"}


def test_a_level_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="'fatal' is no level"):
        document([Analysis(tool="t", results=[Result(rule="r", message="m", level="fatal")])])


def test_it_is_written_as_a_file_in_a_new_folder(tmp_path):
    path = tmp_path / "new" / "found.sarif"
    write(path, [FULL])
    assert json.loads(path.read_text(encoding="utf-8")) == document([FULL])
