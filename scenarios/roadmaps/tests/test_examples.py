"""The example in the help of each command is one that the command takes, with the names that the declaration has."""

import shlex

import click
import pytest
from typer.main import get_command

from harness.cli import app as commands
from scenarios.roadmaps.application import DEPLOYMENT, app

EXAMPLE = "For example: "
NAMED = {
    "export": DEPLOYMENT.services,
    "logs": {*app.roles, "postgres", "redis"},
}  # what their arguments name


def examples():
    """Each command, its words, and what is said of it."""

    def below(command, words):
        for name, own in getattr(command, "commands", {}).items():
            yield from below(own, [*words, name])
        if not hasattr(command, "commands"):
            yield command, words

    for command, words in below(get_command(commands), ["harness"]):
        said = " ".join((command.help or "").split()).partition(EXAMPLE)[2]
        yield pytest.param(command, words, said, id=" ".join(words[1:]))


def written(help_text):
    """The line of the example alone."""
    (line,) = [line for line in help_text.splitlines() if EXAMPLE in line]
    return line.partition(EXAMPLE)[2]


@pytest.mark.parametrize(("command", "words", "said"), [*examples()])
def test_an_example_is_taken_by_its_command(command, words, said):
    asked = shlex.split(written(command.help))
    stop = next((at for at, word in enumerate(asked) if word in {"&", ">", ";", "|"}), len(asked))
    asked = [word.rstrip(";") for word in asked[:stop]]
    assert asked[: len(words)] == words
    try:
        context = command.make_context(" ".join(words), asked[len(words) :])
    except click.UsageError as error:
        pytest.fail(f"{said}: {error.format_message()}")
    given = context.params
    assert given.get("tier") in {None, "", *DEPLOYMENT.tiers}
    for name in given.get("names") or given.get("node") or ():
        assert name in NAMED.get(words[-1], {name: None}), f"{said}: there is no {name}"
