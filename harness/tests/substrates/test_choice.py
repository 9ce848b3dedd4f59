"""Where a stack lives if nobody says so, and what is said of a substrate whose libraries are not there."""

import builtins
import sys

import pytest

from harness.application import DeclarationError
from harness.substrates import choice


@pytest.mark.parametrize(
    ("engine", "library", "expected"),
    [("", True, "containers"), ("", False, "embedded"), ("no socket", True, "embedded")],
)
def test_containers_are_usual_where_there_is_all_that_they_need(monkeypatch, engine, library, expected):
    monkeypatch.setattr(choice, "why_no_engine", lambda: engine)
    monkeypatch.setattr(choice, "find_spec", lambda _: object() if library else None)
    assert choice.usual() == expected


@pytest.mark.parametrize("name", ["containers", "image"])
def test_a_substrate_whose_libraries_are_not_there_says_what_to_install(monkeypatch, name):
    module = choice.SUBSTRATES[name].partition(":")[0]
    monkeypatch.delitem(sys.modules, module, raising=False)

    def without(found):
        if found == module:
            raise ModuleNotFoundError("No module named 'testcontainers'", name="testcontainers")
        return builtins.__import__(found)

    monkeypatch.setattr(choice.importlib, "import_module", without)
    with pytest.raises(
        DeclarationError, match=r"needs testcontainers: pip install 'celery-harness\[containers\]'"
    ):
        choice.substrate(name)
