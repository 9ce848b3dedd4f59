"""`harness mutants`, as it is typed in a project whose tests notice some of its changes, and not others."""

import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from harness.base import pace
from harness.base.exits import Exit
from harness.tests.environments import LEAN

HARNESS = Path(sys.executable).with_name("harness")
SECONDS = 300.0
FILES = {
    "pyproject.toml": f"""
        [tool.harness]
        stack = "declared:app"
        [tool.harness.mutants]
        tests = ["checks"]
        equivalent = "equivalent.toml"
        [tool.pytest.ini_options]
        addopts = "{LEAN}"
        markers = ["e2e: starts something", "nightly: long"]
    """,
    "declared.py": """
        from harness import App
        app = App("tiny", sources=("tiny/*.py",))
    """,
    "equivalent.toml": "",
    "tiny/__init__.py": "",
    "tiny/sums.py": """
        LIMIT = 7

        def may(a):
            return a < LIMIT

        def last(items):
            index = 0
            for _ in items:
                index = index + 1
            return index

        def nobody(a):
            return a == 1
    """,
    "checks/test_sums.py": """
        import pathlib
        import pytest
        from tiny.sums import last, may

        def test_may():
            assert may(6)
            assert not may(7)

        def test_last():
            assert last("abc") == 3

        def test_that_always_fails():
            last("abc")
            assert False

        @pytest.mark.e2e
        def test_that_is_not_fast():
            raise AssertionError
    """,
}


@pytest.fixture
def project(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(dedent(text).lstrip())
    return tmp_path


def environment():
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}


def mutants(project, *arguments):
    return subprocess.run(
        [str(HARNESS), "mutants", "--sample", "100", "--seed", "1", *arguments],
        cwd=project,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=SECONDS * pace.factor(),
        check=False,
    )


def fates(said):
    """The changed line of each mutant by what became of it."""
    return re.findall(
        r"^ *\d+ of \d+ +(killed|survived|timed out|unstable) .*?(\w+\.py:\d+)  (\w+)",
        said.stderr,
        re.MULTILINE,
    )


def test_it_says_what_no_test_notices_and_is_gone_on_with(project):
    sums = (project / "tiny" / "sums.py").read_bytes()
    said = mutants(project, "--score", "80")
    assert sorted(fates(said)) == [
        ("killed", "sums.py:1", "constant"),
        ("killed", "sums.py:4", "comparison"),
        ("killed", "sums.py:7", "constant"),
        ("killed", "sums.py:9", "arithmetic"),
        ("killed", "sums.py:9", "constant"),
        ("survived", "sums.py:13", "comparison"),
        ("survived", "sums.py:13", "constant"),
    ], said.stderr + said.stdout
    assert said.returncode == Exit.VIOLATED
    assert "5 of 7 killed, 71 %; 80 % are asked for" in said.stdout
    assert "+    return a != 1" in said.stdout
    assert "no test reaches it: harness mutants --mutant " in said.stdout
    assert (project / "tiny" / "sums.py").read_bytes() == sums

    pieces = [mutants(project, "--score", "0", "--shard", f"{number}/2") for number in (1, 2)]
    assert [len(fates(piece)) for piece in pieces] == [4, 3]
    assert sorted(fates(pieces[0]) + fates(pieces[1])) == sorted(fates(said))
    assert not any("played once" in piece.stderr for piece in pieces)


def test_a_project_says_what_is_played(project):
    (project / "pyproject.toml").write_text('[tool.harness]\nstack = "declared:app"\n')
    said = mutants(project)
    assert (said.returncode, said.stderr.count("\n")) == (Exit.USAGE, 1)
    assert "which tests are played?" in said.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--mutant", "nobody"], "there is no mutant nobody"),
        (["--path", "tinier"], "there is no mutant of tinier"),
        (["--shard", "3/2"], "write K/N"),
    ],
)
def test_what_cannot_be_meant_is_refused(project, arguments, told):
    said = mutants(project, *arguments)
    assert said.returncode == Exit.USAGE
    assert told in said.stderr


def test_an_excuse_that_is_none_is_refused(project):
    (project / "equivalent.toml").write_text(
        '[[equivalent]]\nfile = "tiny/sums.py"\nwas = "a"\nbecomes = "b"\nwhy = "c"\n'
    )
    said = mutants(project, "--dry-run")
    assert said.returncode == Exit.USAGE
    assert "strike it out" in said.stderr


def test_where_no_unchanged_test_passes_nothing_can_be_said(project):
    (project / "checks" / "test_sums.py").write_text("def test_wrong(): assert False\n")
    said = mutants(project)
    assert said.returncode == Exit.INVALID
    assert "no test of checks passed, where nothing was changed" in said.stderr


def test_where_the_unchanged_tests_break_off_nothing_is_kept_of_what_they_reached(project):
    """Half of a look would say of the other half that no test reaches it."""
    (project / "checks" / "test_torn.py").write_text(
        'import pytest\ndef test_torn(): pytest.exit("enough", 2)\n'
    )
    said = mutants(project)
    assert said.returncode == Exit.INVALID
    assert "the tests of checks were not played to their end" in said.stderr
    assert not [*project.rglob("reach-*.json")]
