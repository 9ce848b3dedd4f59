"""The harness knows no product: no file of it, tests and README included, imports what stands above or beside it, or speaks of it."""

import ast
from pathlib import Path

import pytest

from harness.base.project import SOURCE

HARNESS = SOURCE / "harness"
ABOVE = (APP, LOADTESTS, SCENARIOS) = ("app", "loadtests", "scenarios")
WORD = "road" + "map"  # so that this file does not say it
FILES = sorted(
    path
    for path in HARNESS.rglob("*")
    if path.is_file() and not {"__pycache__", ".harness", ".pytest_cache"} & {*path.parts}
)


def imported(source: str) -> set[str]:
    """The packages that a file imports, or has imported by name."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module or "")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            # A program that a test starts, or a module that is imported by its name.
            names |= {
                words[1]
                for words in map(str.split, node.value.splitlines())
                if len(words) > 1 and words[0] in {"import", "from"}
            }
    return {name.partition(".")[0] for name in names}


def said(path: Path) -> list[int]:
    """The numbers of the lines that speak of the product."""
    lines = path.read_bytes().decode(errors="replace").lower().splitlines()
    return [number for number, line in enumerate(lines, 1) if WORD in line]


def test_there_is_something_to_look_at():
    assert len(FILES) > 300
    assert {"harness/README.md", "harness/application/app.py", "harness/tests/test_knows_no_product.py"} <= {
        path.relative_to(SOURCE).as_posix() for path in FILES
    }


def test_no_file_imports_what_is_not_the_harness_own():
    found = {
        path.relative_to(SOURCE).as_posix(): names
        for path in FILES
        if path.suffix == ".py" and (names := imported(path.read_text(encoding="utf-8")) & {*ABOVE})
    }
    assert found == {}


def test_no_file_speaks_of_the_product():
    assert {path.relative_to(SOURCE).as_posix(): lines for path in FILES if (lines := said(path))} == {}
    assert [path for path in FILES if WORD in path.relative_to(SOURCE).as_posix().lower()] == []


@pytest.mark.parametrize(
    ("source", "names"),
    [
        (f"import {APP}.roles", {APP}),
        (f"from {SCENARIOS}.x import y", {SCENARIOS}),
        (f"def late():\n    from {LOADTESTS} import z", {LOADTESTS}),
        (f'PROGRAM = """\nimport sys\nfrom {APP}.roles import ROLES\n"""', {"sys", APP}),
        (f"from .{APP} import x", set()),
        ("from harness.app import x", {"harness"}),
    ],
)
def test_the_look_itself_sees_each_kind_of_import(source, names):
    assert imported(source) - {""} == names


def test_the_look_itself_sees_the_word(tmp_path):
    (file := tmp_path / "file.md").write_text(f"one\n{WORD.upper()}S\n")
    assert said(file) == [2]
