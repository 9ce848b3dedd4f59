"""The command `harness`: a file for each subcommand, and a line here.

Imports every room, but only when a subcommand runs: `harness verify` has to leave that to pytest, which rewrites assertions. Begin
with `options.py`.
"""

from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from harness.application import DeclarationError
from harness.base.exits import ended
from harness.cli.audit import audit
from harness.cli.bench import bench
from harness.cli.clean import clean
from harness.cli.doctor import doctor
from harness.cli.down import down
from harness.cli.export import export
from harness.cli.find import find
from harness.cli.flakes import flakes
from harness.cli.images import images
from harness.cli.init import init
from harness.cli.logs import logs
from harness.cli.mutants import mutants
from harness.cli.nemesis import nemesis
from harness.cli.open_newest import open_newest
from harness.cli.provider import provider
from harness.cli.ps import ps
from harness.cli.psql import psql
from harness.cli.recheck import recheck
from harness.cli.redis_cli import redis_cli
from harness.cli.reliability import reliability
from harness.cli.schedule import schedule
from harness.cli.trace import trace
from harness.cli.trial import trial
from harness.cli.up import up
from harness.cli.verify import verify
from harness.substrates.binaries import BinariesMissingError

DISTRIBUTION = "celery-harness"

app = typer.Typer(
    help="Start, prove and look at a whole Celery deployment on this machine.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    verify,
    init,
    audit,
    export,
    up,
    ps,
    down,
    logs,
    recheck,
    trace,
    nemesis,
    mutants,
    reliability,
    bench,
    find,
    schedule,
    flakes,
    clean,
    doctor,
):
    app.command()(command)
for program in (psql, redis_cli):  # options that are not ours go to the program: harness psql -c 'SELECT 1'
    app.command(context_settings={"ignore_unknown_options": True})(program)
app.command("try")(trial)
app.command("open")(open_newest)
app.add_typer(images, name="images")
app.add_typer(provider, name="provider")


def _print_version(wanted: bool) -> None:
    """Print the version for `--version`, and end."""
    if not wanted:
        return
    try:
        typer.echo(f"{DISTRIBUTION} {version(DISTRIBUTION)}")
    except PackageNotFoundError:  # the package was found on the path without being installed
        typer.echo(f"{DISTRIBUTION} that is not installed")
    raise typer.Exit


@app.callback()
def common(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """The options of every command."""


def main() -> None:
    """Entry point of the installed command."""
    ended(app, DeclarationError, BinariesMissingError)
