"""The judges of the scripted OpenAI go red where they should; what they say of it itself is `make conformance`'s to find out."""

import pytest

from harness.experiments.conformance import sdk, shapes

DESCRIPTION = {
    "components": {
        "schemas": {
            "Model": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
            "Loose": {"type": "object", "properties": {"a": {"type": "string", "nullable": True}}},
            shapes.CHUNK: {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"type": "string"}, "usage": {"$ref": "#/components/schemas/Model"}},
            },
        }
    }
}


@pytest.mark.parametrize(
    ("name", "document", "sound"),
    [
        ("Model", {"id": "m"}, True),
        ("Model", {"id": None}, False),
        ("Model", {}, False),
        ("Loose", {"a": None}, True),
        ("Loose", {"a": 1}, False),
        (shapes.CHUNK, {"id": "c", "usage": None}, True),
        (shapes.CHUNK, {"id": "c", "usage": {}}, False),
        (shapes.CHUNK, {"usage": None}, False),
    ],
)
def test_a_shape_that_is_not_as_described_is_seen(name, document, sound):
    found = list(shapes.Judge(DESCRIPTION).problems(document, name))
    assert (found == []) is sound
    assert all(problem.startswith("$") for problem in found)


CASE = '<testcase classname="T" name="test_x[{kind}]">{inside}</testcase>'
LOOSE, STRICT = CASE.format(kind="loose", inside=""), CASE.format(kind="strict", inside="")


@pytest.mark.parametrize(
    ("cases", "passed"),
    [
        (LOOSE + STRICT, True),
        (LOOSE, False),
        ("", False),
        (LOOSE + STRICT + CASE.format(kind="loose", inside="<failure/>"), False),
        (LOOSE + STRICT + CASE.format(kind="loose", inside="<error/>"), False),
        (LOOSE + STRICT + CASE.format(kind="strict", inside="<skipped/>"), False),
    ],
)
def test_the_suite_has_passed_only_if_each_test_ran_and_was_satisfied(tmp_path, cases, passed):
    report = tmp_path / "report.xml"
    report.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
    found = sdk.read(report, "1.0")
    assert found.passed is passed
    assert str(found).startswith(f"openai 1.0: {cases.count('<testcase')} tests")
