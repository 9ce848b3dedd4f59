"""`harness doctor`: what this machine can run."""

import typer
from rich.console import Console

from harness.base.exits import Exit


def doctor() -> None:
    """Say what this machine can run, and for what it cannot, the command that would change it.

    For example: harness doctor

    Exits 1 where no substrate would run.
    """
    from harness.application import DeclarationError, current
    from harness.substrates.doctor import Machine, as_table, examine, runnable

    try:
        app = current()
    except DeclarationError:  # what every stack needs can be told without an application
        app = None
    needs = examine(Machine.probe(app))
    console = Console()
    console.print(as_table(needs))
    substrates = runnable(needs)
    console.print(f"\nstacks can run here on: {', '.join(substrates) or 'nothing'}")
    if not substrates:
        raise typer.Exit(Exit.VIOLATED)
