"""`harness find`: the scenarios that promise something, by words."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from harness.base.exits import Exit
from harness.cli.verify import PROMISES


@dataclass(frozen=True, slots=True)
class Promised:
    """A scenario, as its file has it.

    Args:
        test: its node id, without a parameter.
        line: of its file.
        promise: what its docstring says first.
        text: everything in which a word may stand, in lower case: its path, its name, its promise and its file's first words.
    """

    test: str
    line: int
    promise: str
    text: str


def find(
    words: Annotated[
        list[str],
        typer.Argument(metavar="WORD...", help="Words, of which each must be there; case is ignored."),
    ],
    folders: Annotated[
        list[Path] | None,
        typer.Option("--in", metavar="PATH", help=f"File or folder of tests; {PROMISES} by default."),
    ] = None,
) -> None:
    """Find scenarios by words of what they promise: their path, their name, or their docstring; whole words come first.

    For example: harness find again retry

    Exits 0, 2 if there is no such folder, 3 if no scenario has all words.
    """
    given = folders or [Path(PROMISES)]
    if lacking := [str(path) for path in given if not path.exists()]:
        typer.echo(f"there is no {', '.join(lacking)}", err=True)
        raise typer.Exit(Exit.USAGE)
    wanted = [word.lower() for argument in words for word in argument.split()]
    found = [one for one in _promised(given) if all(word in one.text for word in wanted)]
    found.sort(key=lambda one: -sum(bool(re.search(rf"\b{re.escape(word)}\b", one.text)) for word in wanted))
    for one in found:
        typer.echo(f"{one.test}  (line {one.line})\n    {one.promise}")
    if not found:
        typer.echo(f"no scenario of {', '.join(map(str, given))} has {' and '.join(wanted)}", err=True)
        raise typer.Exit(Exit.UNKNOWN)
    typer.echo(f"\n{len(found)} found; play the first: .venv/bin/pytest '{found[0].test}'")


def _promised(paths: Sequence[Path]) -> Iterator[Promised]:
    """The tests of files and folders, read and never imported."""
    for path in paths:
        for file in sorted(path.rglob("test_*.py")) if path.is_dir() else [path]:
            try:
                module = ast.parse(file.read_text(encoding="utf-8"))
            except (SyntaxError, ValueError) as error:
                typer.echo(f"{file} cannot be read: {error}", err=True)
                continue
            yield from _of(module, file.as_posix(), ast.get_docstring(module) or "")


def _of(module: ast.Module | ast.ClassDef, place: str, about: str) -> Iterator[Promised]:
    for node in module.body:
        if isinstance(node, ast.ClassDef):
            yield from _of(node, f"{place}::{node.name}", about)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            said = ast.get_docstring(node) or ""
            sentence = said.partition("\n\n")[0] or _spaced(node.name.removeprefix("test_"))
            test = f"{place}::{node.name}"
            text = f"{test} {_spaced(test)} {said} {about}".lower()
            yield Promised(test, node.lineno, " ".join(sentence.split()), text)


def _spaced(name: str) -> str:
    return re.sub(r"[_/.:]+", " ", name)
