"""`harness logs`: the logs of a stack's members."""

from typing import Annotated

import typer

from harness.base.exits import Exit
from harness.cli.options import OfRun


def logs(
    node: Annotated[
        list[str] | None, typer.Argument(help="Roles, servers or providers; all by default.")
    ] = None,
    run: OfRun = "",
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on until the stack ends or Ctrl-C.")
    ] = False,
    lines: Annotated[
        int, typer.Option("--lines", "-n", min=0, help="Number of last lines to begin with; 0 for all.")
    ] = 0,
    raw: Annotated[bool, typer.Option("--raw", help="Print each line as it was written.")] = False,
) -> None:
    """Show the logs of a stack, running or ended; without --run, of the one that runs, else of the newest.

    For example: harness logs postgres --follow
    """
    import time

    from rich.console import Console

    from harness.base.run import RUNS, alive
    from harness.base.run_choice import NoSuchRunError, chosen
    from harness.evidence.log_reader import LogReader

    found = sorted(path.name for path in RUNS.glob("*") if (path / "logs").is_dir())
    living = [name for name in found if name in alive()]
    if not run and found and not living:
        run = found[-1]
    try:
        run = chosen(run, found if run else living, what="running" if living and not run else "kept")
    except NoSuchRunError as error:
        typer.echo(str(error) if found or run else "no stack has run yet", err=True)
        raise typer.Exit(Exit.USAGE) from None
    reader = LogReader(RUNS / run / "logs")
    unknown = sorted(set(node or ()) - set(reader.names()))
    if unknown:
        typer.echo(
            f"the run {run} has no log of {', '.join(unknown)}; it has {', '.join(reader.names())}", err=True
        )
        raise typer.Exit(Exit.USAGE)
    console = Console(highlight=False, soft_wrap=True)
    while True:
        lives = run in alive()
        for entry in reader.read(node)[-lines:]:
            console.print(entry.shown(raw=raw))
        if not (follow and lives):
            return
        lines = 0
        time.sleep(reader.POLL_SECONDS)
