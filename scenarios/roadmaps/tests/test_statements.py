"""The customer's guide is mapped line by line, and every statement has a check that exists."""

import ast
import re
from collections import Counter

import pytest

from harness.deployment import audit
from scenarios.roadmaps.application import ROOT, app
from scenarios.roadmaps.mutants import Mutant, mutants
from scenarios.roadmaps.statements import rows, statements

RULES = (*audit.RULES, *app.rules)
ORIGINAL = (ROOT / "docs/guide.original.zh.md").read_text().splitlines()
STATEMENTS, SILENT, BESIDES = rows()
MUTANTS = {mutant.key: mutant for mutant in mutants()}


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


def test_every_statement_has_a_falsehood_that_one_of_its_checks_decides():
    known = {statement.key: statement for statement in statements()}
    assert [*known] == [*MUTANTS]
    wrong = [key for key, statement in known.items() if MUTANTS[key].check not in statement.checks]
    assert wrong == []


@pytest.mark.parametrize("key", MUTANTS)
def test_a_falsehood_is_one_of_what_there_is(tmp_path, key):
    mutant = MUTANTS[key]
    copy = tmp_path / mutant.file
    copy.parent.mkdir(parents=True, exist_ok=True)
    before = (ROOT / mutant.file).read_bytes() if mutant.old else b""
    copy.write_bytes(before)
    mutant.apply(tmp_path)
    assert copy.read_bytes() != before
    assert mutant.old or not (ROOT / mutant.file).exists()


def test_a_falsehood_of_what_there_is_not_is_none(tmp_path):
    (tmp_path / "x").write_text("something")
    with pytest.raises(LookupError, match="x has no 'else'"):
        Mutant("1", "x", "else", "other", "rule:tls").apply(tmp_path)


@pytest.mark.parametrize(
    ("check", "kind"),
    [
        ("rule:tls", "rule"),
        ("app/tests/test_urls.py::test_x", "fast"),
        ("scenarios/roadmaps/tests/test_idle.py::test_x", "fast"),
        ("scenarios/roadmaps/tests/test_live.py::test_x", "stack"),
        ("scenarios/guide/test_redis.py::test_x", "stack"),
    ],
)
def test_what_needs_a_stack_is_played_where_there_is_one(check, kind):
    assert Mutant("1", "x", "", "", check).kind == kind
