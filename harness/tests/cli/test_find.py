"""Scenarios are found by the words of what they promise."""

import pytest
from typer.testing import CliRunner

from harness.cli import app

ORDERS = '''
"""An order and its owner."""

def test_an_order_is_packed(system):
    """What was Ordered is packed,
    once.

    A second paragraph about foxes.
    """

class TestMore:
    async def test_without_a_docstring(self):
        pass

def helper_order():
    """No test."""
'''


@pytest.fixture
def tests(tmp_path):
    (tmp_path / "test_orders.py").write_text(ORDERS)
    (tmp_path / "test_broken.py").write_text("def test_order(:")
    (tmp_path / "orders.py").write_text(ORDERS)
    return tmp_path


def found(tests, *words):
    return CliRunner().invoke(app, ["find", *words, "--in", str(tests)])


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["ordered"], ["test_an_order_is_packed"]),
        (["PACKED once"], ["test_an_order_is_packed"]),
        (["foxes"], ["test_an_order_is_packed"]),
        (["owner"], ["test_an_order_is_packed", "TestMore::test_without_a_docstring"]),
        (["test_orders", "docstring"], ["TestMore::test_without_a_docstring"]),
        (["without a"], ["TestMore::test_without_a_docstring"]),
    ],
)
def test_a_word_is_looked_for_in_path_name_and_promise(tests, words, names):
    done = found(tests, *words)
    assert done.exit_code == 0, done.output
    lines = [line for line in done.stdout.splitlines() if "(line " in line]
    assert [line.partition("::")[2].partition("  ")[0] for line in lines] == names


def test_the_promise_is_shown_and_how_to_play_it(tests):
    done = found(tests, "ordered")
    assert "    What was Ordered is packed, once.\n" in done.stdout
    assert f".venv/bin/pytest '{tests}/test_orders.py::test_an_order_is_packed'" in done.stdout
    assert "test_broken.py cannot be read" in done.stderr


def test_a_whole_word_comes_first(tests):
    (tests / "test_a.py").write_text(
        'def test_x():\n    "Nobody listens."\ndef test_y():\n    "A list of all."'
    )
    first = found(tests, "list").stdout.splitlines()[0]
    assert "::test_y" in first


def test_nothing_found_is_said_and_is_no_success(tests):
    assert (found(tests, "helper").exit_code, found(tests, "ordered", "unicorn").exit_code) == (3, 3)
    assert found(tests / "nowhere", "ordered").exit_code == 2
    assert CliRunner().invoke(app, ["find"]).exit_code == 2
