"""docs/reliability.md is what its sources make of it, and names tests and checks that there are."""

import ast

import pytest

from harness.evidence.checks import Judges
from harness.experiments.reliability.declared import Declared
from harness.experiments.reliability.document import document
from harness.experiments.reliability.figures import Figures
from scenarios.roadmaps.application import ROOT, app

DECLARED = Declared.load()
CITED = [*DECLARED.bugs, *DECLARED.controls]


def test_the_document_is_what_its_sources_make_of_it():
    made = document(DECLARED, Figures.load())
    assert (ROOT / "docs/reliability.md").read_text() == made, "run: make reliability, or harness reliability"


def test_there_are_the_25_rows_of_the_table():
    assert [row.number for row in DECLARED.rows] == list(range(1, 26))


@pytest.mark.parametrize("cited", CITED, ids=lambda cited: cited.test)
def test_every_test_that_is_named_exists(cited):
    path, _, name = cited.test.partition("::")
    functions = [
        node.name
        for node in ast.parse((ROOT / path).read_text()).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert not name or name in functions


def test_every_control_names_a_check():
    assert {control.check for control in DECLARED.controls} <= {check.__name__ for check in Judges.of(app)}
