"""`harness down`: end stacks that were left running."""

from typing import Annotated

import psutil
import typer

from harness.run import alive, forget

GONE_SECONDS = 10


def down(
    run: Annotated[str, typer.Argument(help="Id of a run; without it, every one of this project.")] = "",
) -> None:
    """End a stack that was left running, and everything that belongs to it."""
    running = alive()
    if run and run not in running:
        listed = ", ".join(running) or "none"
        typer.echo(f"no stack of the run {run!r} is running; running: {listed}", err=True)
        raise typer.Exit(2)
    ending = {run: running[run]} if run else running
    if not ending:
        typer.echo("no stack is running")
    for name, pid in ending.items():
        supervisor = psutil.Process(pid)
        supervisor.terminate()
        supervisor.wait(GONE_SECONDS)
        forget(name)
        typer.echo(f"ended {name}")
