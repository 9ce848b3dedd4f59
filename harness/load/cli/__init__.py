"""The command of a load test. A new subcommand is a file and a line here.

Words in braces in a help text are replaced by the load test's own words.
"""

import signal
import sys
from typing import Any

import typer

from harness.base.exits import BY_SIGNAL, ended
from harness.load.cli.capacity import capacity
from harness.load.cli.certainty import certainty
from harness.load.cli.check import budget, check, counts
from harness.load.cli.collect import collect
from harness.load.cli.compare import compare
from harness.load.cli.locust import locust
from harness.load.cli.plan import plan
from harness.load.cli.recommend import recommend
from harness.load.cli.report import report
from harness.load.cli.trend import trend
from harness.load.declaration import LoadTest
from harness.load.locust.demands import TiersError

COMMANDS = (plan, check, counts, budget, capacity, certainty, collect, compare, recommend, report, trend)


def app(test: LoadTest) -> typer.Typer:
    """The command line of a load test.

    Args:
        test: the declaration.
    """
    words = {
        "noun": test.noun,
        "nouns": test.nouns,
        "Nouns": test.nouns.capitalize(),
        "usual": test.traffic.usual_tier,
        "workloads": ", ".join(test.traffic.demands.workloads),
        "mutants": ", ".join(mutant.name for mutant in test.mutants),
    }
    made = typer.Typer(
        help="Prove the concurrency table: does a row hold, what does it carry, what to set for a load.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "obj": test},
    )
    for command in COMMANDS:
        made.command(cls=_worded(words))(command)
    passing = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
    made.command(cls=_worded(words), context_settings=passing)(locust)
    return made


def _worded(words: dict[str, str]) -> type[typer.core.TyperCommand]:
    """A command with these words in its help texts."""

    class Worded(typer.core.TyperCommand):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            parts: list[Any] = [self, *self.params]
            for part in parts:
                part.help = (part.help or "").format(**words) or None

    return Worded


def main(test: LoadTest) -> None:
    """Entry point of the application's own `python -m`.

    Args:
        test: its declaration.
    """
    received: list[int] = []

    def interrupt(number: int, _: object) -> None:
        """Ends stack and generator, whatever is done just now; once, for who ends them must not be interrupted himself."""
        if not received:
            received.append(number)
            sys.stderr.write("interrupted: what was started is being ended\n")
            raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)

    def command() -> None:
        try:
            app(test)()  # its help texts already need what the tiers' file says
        except BaseException:
            if received:
                sys.exit(BY_SIGNAL + received[0])
            raise

    ended(command, TiersError)
