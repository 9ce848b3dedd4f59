"""What `from harness import ...` gives: few names, each there, documented, typed, and for nothing until it is asked for."""

import ast
import importlib
import inspect
import subprocess
import sys

import pytest

import harness
from harness.base.project import SOURCE

MOST = 40
TREE = ast.parse((SOURCE / "harness/__init__.py").read_text())


def test_there_are_few_and_they_are_sorted():
    assert 0 < len(harness.__all__) <= MOST
    assert harness.__all__ == sorted(set(harness.__all__))


@pytest.mark.parametrize("name", harness.__all__)
def test_each_can_be_imported_and_is_documented(name):
    found = getattr(importlib.import_module("harness"), name)
    assert found.__name__ == name
    written = inspect.getdoc(found)
    assert written
    assert not written.startswith(f"{name}("), "dataclasses write such a one where nobody did"


@pytest.mark.parametrize("name", harness.__all__)
def test_what_is_called_on_each_is_documented_and_typed(name):
    found = getattr(harness, name)
    lacking = []
    for called, of_class in inspect.getmembers(found) if inspect.isclass(found) else [(name, found)]:
        written = of_class.fget if isinstance(of_class, property) else inspect.unwrap(of_class)
        function = getattr(written, "__func__", written)
        ours = inspect.isfunction(function) and function.__module__.startswith("harness.")
        if called.startswith("_") or not ours or function.__name__ == "<lambda>":  # of a field, by default
            continue
        told = inspect.signature(function)
        types = [each.annotation for each in told.parameters.values() if each.name not in {"self", "cls"}]
        if inspect.Signature.empty in {*types, told.return_annotation} or not inspect.getdoc(of_class):
            lacking.append(called)
    assert lacking == []


def test_what_type_checkers_are_told_is_what_is_imported():
    (told,) = (node for node in TREE.body if isinstance(node, ast.If))
    names = {alias.name: node.module for node in told.body for alias in node.names}
    assert names == {name: module for module, names in harness._ROOMS.items() for name in names}
    assert sorted(names) == harness.__all__


def test_nothing_else_is_there():
    with pytest.raises(AttributeError, match="module 'harness' has no attribute 'Nothing'"):
        harness.Nothing  # noqa: B018 - that is the test
    with pytest.raises(ImportError, match="Nothing"):
        exec("from harness import Nothing")  # noqa: S102 - ours
    assert set(harness.__all__) <= set(dir(harness))


def test_importing_it_imports_nothing_until_a_name_is_asked_for():
    program = (
        "import sys; before = {*sys.modules}; import harness; after = {*sys.modules}\n"
        "assert after - before == {'harness'}, after - before\n"
        "from harness import App\n"
        "print(*sorted(m for m in {*sys.modules} - after if m.startswith('harness')))"
    )
    command = [sys.executable, "-S", "-E", "-c", program]
    done = subprocess.run(command, cwd=SOURCE, capture_output=True, text=True, check=True)
    rooms = {".".join(module.split(".")[:2]) for module in done.stdout.split()}
    assert rooms == {"harness.application", "harness.base"}


def test_no_room_imports_from_the_top():
    """A room that did would import itself by a detour."""
    found = [
        path.relative_to(SOURCE).as_posix()
        for path in (SOURCE / "harness").rglob("*.py")
        if "tests" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom)
        and node.module == "harness"
        and {alias.name for alias in node.names} & {*harness.__all__}
    ]
    assert found == []
