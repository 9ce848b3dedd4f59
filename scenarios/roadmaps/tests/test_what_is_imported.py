"""Scenarios import from the harness itself; what declares the product, only what harness/README.md promises to who writes such a thing.

Tests of the declaration, in folders called `tests`, look at where product and harness meet, and so into either.
"""

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness.base import pace
from scenarios.roadmaps.application import ROOT

ABOVE = ("scenarios", "loadtests")
MAP = (ROOT / "harness" / "README.md").read_text(encoding="utf-8")
PROMISED = set(re.findall(r"`(harness\.[\w.]+)`", MAP.partition("## What a project imports\n")[2]))
FILES = sorted(
    path
    for folder in ABOVE
    for path in (ROOT / folder).rglob("*.py")
    if "tests" not in path.relative_to(ROOT).parts
)


def imported(source: str) -> set[str]:
    """The modules of the harness that a file imports, also late, for type checkers, or by their name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
            if node.module == "harness":  # a room may be asked for as if it were a name
                found |= {
                    f"harness.{alias.name}"
                    for alias in node.names
                    if (ROOT / "harness" / alias.name).is_dir()
                }
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            found |= {word.value for word in node.args if isinstance(word, ast.Constant)}
    return {name for name in found if name.partition(".")[0] == "harness"}


def test_there_is_something_to_look_at():
    assert len(FILES) > 100
    assert 10 < len(PROMISED) < 45


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import harness.nodes.links", {"harness.nodes.links"}),
        ("from harness import eventually", {"harness"}),
        ("from harness import nodes", {"harness", "harness.nodes"}),
        ("def late():\n    from harness.stack.stack import Stack", {"harness.stack.stack"}),
        ("import importlib\nimportlib.import_module('harness.stack')", {"harness.stack"}),
        ("from harnesses import x", set()),
    ],
)
def test_the_look_itself_sees_each_kind_of_import(source, found):
    assert imported(source) == found


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.name.startswith("test_")], ids=lambda path: path.name
)
def test_a_scenario_imports_from_the_harness_itself(path: Path):
    assert imported(path.read_text(encoding="utf-8")) <= {"harness"}


def test_what_declares_the_product_imports_only_what_is_promised():
    found = {
        path.relative_to(ROOT).as_posix(): wanted
        for path in FILES
        if (wanted := imported(path.read_text(encoding="utf-8")) - PROMISED - {"harness"})
    }
    assert found == {}


@pytest.mark.parametrize("name", sorted(PROMISED))
def test_what_is_promised_is_there(name):
    if ".locust" in name:  # which patches the world when it is imported
        assert (ROOT / name.replace(".", "/")).with_suffix(".py").is_file()
    else:
        assert importlib.import_module(name).__doc__


def test_a_command_that_starts_nothing_brings_neither_the_tables_library_nor_pytest():
    """`harness audit` reads the declaration, and these two took a third of its time."""
    kept_out = {"sqlalchemy", "pytest", "locust", "celery", "docker"}
    asked = f"import sys, scenarios.roadmaps.application; print({kept_out} & {{*sys.modules}})"
    told = subprocess.run(
        [sys.executable, "-c", asked],
        capture_output=True,
        text=True,
        check=True,
        timeout=60 * pace.factor(),
        cwd=ROOT,
    )
    assert told.stdout.strip() == "set()"
