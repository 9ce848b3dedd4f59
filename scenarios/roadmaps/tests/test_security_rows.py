"""docs/security.md: every row says by which test it holds, or why it does not; the test is there, and rests on a statement that is there."""

import ast
from collections import Counter

import pytest

from scenarios.controls.rows import MUTANTS
from scenarios.controls.security_rows import MET, NOT_APPLICABLE, NOT_MET, rows
from scenarios.roadmaps.application import ROOT

ROWS = rows()
CITED = sorted({row.by for row in ROWS if row.state == MET})
MOST_NOT_APPLICABLE = 0.2
OF_A_CHAPTER = {"4": 16, "6": 47, "7": 19, "9": 7}  # of ASVS 5.0.0, all three levels


def test_every_row_of_the_chapters_is_there_once():
    assert Counter(row.number.partition(".")[0] for row in ROWS) == OF_A_CHAPTER
    assert len({row.number for row in ROWS}) == len(ROWS)


def test_few_rows_are_not_applicable():
    states = Counter(row.state for row in ROWS)
    assert set(states) == {MET, NOT_MET, NOT_APPLICABLE}
    assert states[NOT_APPLICABLE] <= MOST_NOT_APPLICABLE * len(ROWS)


@pytest.mark.parametrize("cited", CITED)
def test_a_row_that_is_met_names_a_test_that_is_there(cited):
    path, _, name = cited.partition("::")
    tree = ast.parse((ROOT / path).read_text())
    assert name.partition("[")[0] in {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_every_row_that_is_met_rests_on_a_statement():
    """By which `python -m scenarios.controls` turns its test red."""
    assert list(MUTANTS) == [row.number for row in ROWS if row.state == MET]


@pytest.mark.parametrize("number", MUTANTS)
def test_the_statement_that_a_row_rests_on_is_there_once(number):
    mutant = MUTANTS[number]
    assert mutant.statement != mutant.instead
    assert (ROOT / mutant.file).read_text().count(mutant.statement) == 1
