"""The customer's guide is mapped line by line, and every statement has a check that exists."""

import ast
import re
from collections import Counter

import pytest

from harness.deployment import audit
from scenarios.roadmaps.application import ROOT, app

RULES = (*audit.RULES, *app.rules)
ORIGINAL = (ROOT / "docs/guide.original.zh.md").read_text().splitlines()
TEXT = (ROOT / "docs/statements.md").read_text()
STATEMENTS, SILENT, BESIDES = (
    [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in section.splitlines()
        if line.startswith("| ")
    ][2:]
    for section in re.split(r"^## .*$", TEXT, flags=re.MULTILINE)[1:]
)


def lines(cell: str) -> list[int]:
    found: list[int] = []
    for part in cell.split(","):
        first, _, last = part.strip().partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def checks(cell: str) -> list[str]:
    return [check.strip() for check in cell.split(",")]


CITED = [check for row in STATEMENTS for check in checks(row[2])] + [
    check for row in BESIDES for check in checks(row[1])
]


def functions_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text())
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    }


def test_every_line_that_is_not_blank_is_mapped_and_to_one_kind_only():
    said = {number for row in STATEMENTS for number in lines(row[0])}
    silent = Counter(number for row in SILENT for number in lines(row[0]))
    written = {number for number, line in enumerate(ORIGINAL, 1) if line.strip()}
    assert sorted(written - said - silent.keys()) == []
    assert sorted(said & silent.keys()) == []
    assert [number for number, times in silent.items() if times > 1] == []


def test_every_statement_has_a_check_and_a_result():
    assert STATEMENTS
    for row in STATEMENTS:
        _, statement, checked_by, result = row
        assert statement
        assert checked_by, f"{statement}: no check"
        assert re.match(r"true\b|corrected: .", result), f"{statement}: {result!r}"


@pytest.mark.parametrize("check", sorted(set(CITED)))
def test_every_check_that_is_named_exists(check):
    kind, _, rule = check.partition(":")
    if kind == "rule":
        assert rule in {one.name for one in RULES}
    else:
        path, _, test = check.partition("::")
        assert test in functions_in(path)


def test_every_rule_and_every_scenario_of_the_guide_checks_a_statement():
    scenarios = {
        f"{path.relative_to(ROOT)}::{test}"
        for path in (ROOT / "scenarios/guide").glob("test_*.py")
        for test in functions_in(str(path.relative_to(ROOT)))
    }
    assert sorted({f"rule:{rule.name}" for rule in RULES} - set(CITED)) == []
    assert sorted(scenarios - set(CITED)) == []
