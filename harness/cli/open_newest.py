"""`harness open`: the page of the last test session."""

import webbrowser
from typing import Annotated

import typer

from harness.base.exits import Exit


def open_newest(
    session: Annotated[str, typer.Argument(help="Id of a session; the last one by default.")] = "",
    show: Annotated[
        bool, typer.Option("--browser/--print", help="Open the page, or only print its path.")
    ] = True,
) -> None:
    """Open the page of a test session: failures first, with a link to each trace.

    For example: harness open
    """
    from harness.evidence.session_verdict import SESSIONS, SessionVerdict

    name = session or SessionVerdict.newest(SESSIONS)
    page = SESSIONS / f"{name}.html"
    if not name or not page.is_file():
        typer.echo(
            f"there is no page of a session {name!r} in {SESSIONS}"
            if name
            else "no session has used a stack yet",
            err=True,
        )
        raise typer.Exit(Exit.USAGE)
    typer.echo(page)
    if show:
        webbrowser.open(page.as_uri())
