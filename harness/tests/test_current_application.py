"""The project's pyproject.toml names its application; what is wrong with that is one sentence and exit code 2."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from harness.base import pace

HARNESS = Path(sys.executable).with_name("harness")
GOOD = """
from pathlib import Path
from harness.application import App

made = App(name="little", root=Path(__file__).parent, roles={})
number = 3
"""
SAYS = "from harness.application import current; print(current().name, current() is current())"


@pytest.fixture
def project(tmp_path):
    """A folder with an application, whose pyproject.toml says this of it; and a folder in it, to work from."""

    def made(said):
        (tmp_path / "pyproject.toml").write_text(f"[tool.harness]\n{said}\n")
        (tmp_path / "little").mkdir()
        (tmp_path / "little/application.py").write_text(GOOD)
        (tmp_path / "little/broken.py").write_text("import nobody_has_this")
        (tmp_path / "little/ends.py").write_text("raise SystemExit(0)")
        return tmp_path / "little"

    return made


def run(folder, *argv):
    return subprocess.run(
        argv, cwd=folder, capture_output=True, text=True, timeout=60 * pace.factor(), check=False
    )


def test_it_is_found_from_any_folder_of_the_project_and_made_once(project):
    ended = run(project('stack = "little.application:made"'), sys.executable, "-P", "-c", SAYS)
    assert (ended.stdout, ended.stderr) == ("little True\n", "")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", 'names no application: write [tool.harness] stack = "module:name"'),
        ('stack = "little.application"', "says stack = 'little.application': write"),
        ('stack = "little.aplication:made"', "there is no module little.aplication"),
        ('stack = "litle.application:made"', "there is no module litle"),
        ('stack = "little.application:mad"', "which is not there and no harness.application.App"),
        ('stack = "little.application:number"', "which is of the type int and no harness.application.App"),
        ('stack = "little.ends:made"', "which ends the program when it is imported: SystemExit(0)"),
        ("stack = 3", "says stack = 3: write"),
        ("stack", "cannot be read: Expected '='"),
    ],
)
def test_what_is_wrong_with_it_is_one_sentence_and_exit_code_2(project, written, said):
    ended = run(project(written), HARNESS, "audit")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert said in ended.stderr
    assert "pyproject.toml" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize("written", ["[tool]\nharness = 3\n", "[[tool.harness]]\n"])
def test_something_else_than_a_table_is_refused_likewise(tmp_path, written):
    (tmp_path / "pyproject.toml").write_text(written)
    ended = run(tmp_path, HARNESS, "audit")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "pyproject.toml cannot be read: [tool.harness] is no table" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_an_import_of_its_own_that_fails_shows_where(project):
    ended = run(project('stack = "little.broken:made"'), sys.executable, "-P", "-c", textwrap.dedent(SAYS))
    assert "No module named 'nobody_has_this'" in ended.stderr
    assert "little/broken.py" in ended.stderr


def test_its_scenarios_are_found_though_no_configuration_of_its_own_loads_the_plugin(project):
    folder = project('stack = "little.application:made"').parent
    (folder / "scenarios").mkdir()
    (folder / "scenarios/test_little.py").write_text(
        "import pytest\n\n@pytest.mark.e2e\ndef test_it(system): pass\n"
    )
    ended = run(folder, HARNESS, "schedule")
    assert ended.returncode == 0, ended.stderr
    assert "test_little.py::test_it" in ended.stdout
