"""`harness down`: end stacks that were left running."""

from functools import partial
from typing import Annotated

import psutil
import typer

from harness.base.exits import Exit
from harness.base.run import alive, forget
from harness.base.run_choice import NoSuchRunError, chosen
from harness.base.wait import WaitTimeoutError, eventually

GONE_SECONDS = 10


def down(
    runs: Annotated[
        list[str] | None,
        typer.Argument(help="Ids of runs, or the beginning or end of one; not needed where one stack runs."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="End every stack of this project.")] = False,
) -> None:
    """End stacks that were left running, and everything that belongs to them.

    For example: harness down 3f9a1c
    """
    running = alive()
    if every and runs:
        typer.echo("--all ends every stack: name none beside it", err=True)
        raise typer.Exit(Exit.USAGE)
    if not running and not runs:
        typer.echo("no stack is running")
        return
    try:
        meant = running if every else {chosen(run, running): None for run in runs or [""]}
    except NoSuchRunError as error:
        hint = "" if runs else "; --all ends every one"
        typer.echo(f"{error}{hint}", err=True)
        raise typer.Exit(Exit.USAGE) from None
    ending = {run: running[run] for run in meant}
    for name, pid in ending.items():
        psutil.Process(pid).terminate()
        try:
            eventually(partial(_gone, name), timeout=GONE_SECONDS, what=f"the end of {name}")
        except WaitTimeoutError:
            typer.echo(f"{name} did not end within {GONE_SECONDS} s; its supervisor has pid {pid}", err=True)
            raise typer.Exit(Exit.USAGE) from None
        forget(name)
        typer.echo(f"ended {name}")


def _gone(run: str) -> bool:
    """Whether nothing of it runs; a supervisor that has ended and was not waited for yet counts as gone."""
    return run not in alive()
