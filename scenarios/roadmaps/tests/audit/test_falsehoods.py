"""What rules decide of docs/statements.md: of each falsehood the rule that the statement names turns red, and no other."""

import pytest

from scenarios.roadmaps.mutants import RULE, broken, copied, mutants

FALSEHOODS = {mutant.key: mutant for mutant in mutants() if mutant.kind == RULE}


def test_there_are_falsehoods_to_judge():
    assert len({mutant.check for mutant in FALSEHOODS.values()}) > 20


@pytest.mark.parametrize("key", FALSEHOODS)
def test_the_rule_that_a_statement_names_decides_it(repository, judged, key):
    mutant = FALSEHOODS[key]
    mutant.apply(repository)
    assert {f"rule:{breach.rule.name}" for breach in judged(repository)} == {mutant.check}


def test_the_command_asks_the_audit_itself(tmp_path):
    copied(tmp_path)
    assert broken(tmp_path) == set()
    FALSEHOODS["44"].apply(tmp_path)
    assert broken(tmp_path) == {"rule:ports"}
    assert FALSEHOODS["10"].survives(tmp_path).startswith("red: rule:")
