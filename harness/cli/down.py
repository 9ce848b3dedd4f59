"""`harness down`: end stacks that were left running."""

from functools import partial
from typing import Annotated

import psutil
import typer

from harness.base.exits import Exit
from harness.base.run import alive, forget
from harness.base.wait import WaitTimeoutError, eventually

GONE_SECONDS = 10


def down(
    runs: Annotated[
        list[str] | None, typer.Argument(help="Ids of runs; without them, every one of this project.")
    ] = None,
) -> None:
    """End stacks that were left running, and everything that belongs to them."""
    running = alive()
    unknown = [run for run in runs or () if run not in running]
    if unknown:
        listed = ", ".join(running) or "none"
        typer.echo(f"no stack of the run {', '.join(unknown)} is running; running: {listed}", err=True)
        raise typer.Exit(Exit.USAGE)
    ending = {run: running[run] for run in runs} if runs else running
    if not ending:
        typer.echo("no stack is running")
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
    """Whether nothing of it runs, be it that nobody has asked yet how its supervisor ended."""
    return run not in alive()
