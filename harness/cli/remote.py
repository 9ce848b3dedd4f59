"""`harness verify --substrate remote`: the promises that a live deployment can be asked for."""

import typer
from rich.console import Console

from harness.base.commit import head
from harness.base.exits import Exit
from harness.cli.options import application
from harness.stack.target import NotThisBuildError, Target, prove

ANY = "any"


def announcement(console: Console, url: str, commit: str, *, paid: bool) -> tuple[object, list[str]]:
    """Prove that the deployment is the intended one.

    Args:
        console: for what it will cost.
        url: of the API.
        commit: that it must be of; empty for this checkout's, `any` for whichever.
        paid: whether its provider may be called.

    Returns:
        The plugin that says what will happen, and pytest's arguments.
    """
    wanted = "" if commit == ANY else commit or _head()
    app = application()
    try:
        found = prove(Target(url.rstrip("/"), wanted), app.told_build)
    except NotThisBuildError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(Exit.USAGE) from None
    arguments = ["-m", "remote", "--substrate", "remote", "--url", url, "--commit", wanted]
    if paid:
        arguments.append("--allow-paid")
    live = app.live
    if live is None:
        typer.echo(
            "the application does not say how a deployment of it is used that is not ours: App(live=...)",
            err=True,
        )
        raise typer.Exit(Exit.USAGE)
    return live.announcement(console, url, found, paid=paid), arguments


def _head() -> str:
    found = head()
    if not found:
        typer.echo(f"which commit must be deployed? --commit names it, or {ANY}", err=True)
        raise typer.Exit(Exit.USAGE)
    return found
