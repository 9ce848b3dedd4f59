"""Who writes answers is handed in: by module or by file; without anybody, nobody can ask for what he knows."""

import subprocess
import sys

import pytest

from harness.base import pace
from harness.providers.openai.author import AuthorError, find_author
from harness.providers.openai.client import FakeOpenAI
from harness.providers.openai.scenario import Scenario
from harness.tests.providers.openai.conftest import AUTHOR
from harness.tests.providers.starting import started


@pytest.mark.parametrize("where", [AUTHOR, "harness.tests.providers.openai.author:write"])
def test_an_author_is_found_in_a_file_and_in_a_module(where):
    assert find_author(where)("intent_analysis", "Rust", 1)["goal"] == "Learn Rust"


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("author", "names no author"),
        ("", "names no author"),
        (":write", "names no author"),
        ("nowhere.at.all:write", "ModuleNotFoundError"),
        ("/nowhere/author.py:write", "FileNotFoundError"),
        (AUTHOR.replace(":write", ":nobody"), "has no nobody"),
        ("json:__name__", "nothing to call as __name__"),
    ],
)
def test_who_is_not_there_is_named(where, said):
    with pytest.raises(AuthorError, match=said):
        find_author(where)


@pytest.mark.parametrize(
    "options",
    [
        ("--unscripted", "ours"),
        ("--author", "nowhere:write"),
        ("--author", "no-colon"),
        ("--correlation", "{request}/{topic}"),
        ("--correlation", "nothing"),
    ],
)
def test_the_command_refuses_in_one_sentence_what_it_cannot_do(options):
    done = subprocess.run(
        [sys.executable, "-m", "harness.providers.openai", "--port", "0", *options],
        capture_output=True,
        text=True,
        check=False,
        timeout=20 * pace.factor(),
    )
    assert (done.returncode, done.stderr.count("\n"), done.stdout) == (2, 1, "")


def test_a_script_that_asks_for_an_author_needs_one(tmp_path):
    script = tmp_path / "script.toml"
    script.write_text('unscripted = "ours"')
    command = [sys.executable, "-m", "harness.providers.openai", "--port", "0", "--script", str(script)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20 * pace.factor())
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "name an author" in done.stderr


def test_a_running_provider_refuses_it_too_and_goes_on_as_it_was():
    with started("harness.providers.openai", "--unscripted", "nothing") as url:
        openai = FakeOpenAI(url)
        for ask in (
            lambda: openai.unscripted("ours"),
            lambda: openai.load(Scenario(unscripted="ours", models=("a",))),
        ):
            with pytest.raises(ValueError, match=r"refused PUT .* name an author"):
                ask()
        openai.close()
