"""`harness init`: writes a first declaration from what the folder shows."""

from pathlib import Path
from typing import Annotated

import typer

from harness.base.exits import Exit

TOLD = '\n[tool.harness]\nstack = "stack:app"\n'


def init(
    show: Annotated[bool, typer.Option("--show", help="Only print it; nothing is written.")] = False,
) -> None:
    """Write stack.py by looking at the application in this folder, and say what was guessed and what could not be seen.

    For example: harness init --show
    """
    from harness.base import project
    from harness.experiments.adoption.look import look
    from harness.experiments.adoption.written import declaration

    root = Path.cwd()
    path, toml = root / "stack.py", root / project.FILE
    if path.exists() and not show:
        typer.echo(
            f"{path.name} is there already: move it away, or see what would be written with --show", err=True
        )
        raise typer.Exit(Exit.USAGE)
    seen = look(root)
    text = declaration(seen)
    if show:
        typer.echo(text, nl=False)
    else:
        path.write_text(text, encoding="utf-8")
        typer.echo(f"wrote {path.name}, {len(text.splitlines())} lines")
        if project.settings(root) is None:
            with toml.open("a", encoding="utf-8") as file:
                file.write(TOLD)
            typer.echo(f"wrote [tool.{project.TABLE}] into {toml.name}")
    for sentence in seen.guesses:
        typer.echo(f"guessed: {sentence}", err=True)
    for sentence in seen.unseen:
        typer.echo(f"could not see: {sentence}", err=True)
    typer.echo("then: harness try", err=True)
