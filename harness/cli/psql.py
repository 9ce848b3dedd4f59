"""`harness psql`: the stack's database."""

import os
import shutil
from typing import Annotated

import typer

from harness.base.exits import Exit
from harness.cli.options import OfRun, running


def psql(
    arguments: Annotated[
        list[str] | None, typer.Argument(help="Arguments for psql, such as: -c 'SELECT 1'.")
    ] = None,
    run: OfRun = "",
) -> None:
    """Open psql on the database of a running stack.

    For example: harness psql -c 'SELECT 1'
    """
    from harness.substrates.binaries import BinariesMissingError, postgres

    address = running(run)
    try:
        program = shutil.which("psql") or str(postgres().program("psql"))
    except BinariesMissingError as error:
        typer.echo(f"there is no psql: {error}", err=True)
        raise typer.Exit(Exit.USAGE) from None
    # The URL goes into the environment: everybody could read the password among the arguments.
    os.execve(program, [program, *(arguments or [])], _environment(address.database_url))  # noqa: S606 - it becomes psql


def _environment(url: str) -> dict[str, str]:
    """The variables that libpq reads instead of a URL."""
    from urllib.parse import unquote, urlsplit

    parts = urlsplit(url)
    own = {
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": parts.path.removeprefix("/"),
    }
    return {**os.environ, **own}
