"""The command `python -m loadtests`. A new subcommand is a file and a line here."""

import signal
import sys

import typer

from harness.load.cli.capacity import capacity
from harness.load.cli.check import budget, check, counts
from harness.load.cli.compare import compare
from harness.load.cli.recommend import recommend
from harness.load.cli.report import report

app = typer.Typer(
    help="Prove the concurrency table: does a row hold, what does it carry, what to set for a load.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (check, counts, budget, capacity, compare, recommend, report):
    app.command()(command)


def main() -> None:
    """Entry point of `python -m loadtests`."""
    signal.signal(
        signal.SIGTERM, lambda number, _: sys.exit(128 + number)
    )  # so that stack and generator are ended
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
