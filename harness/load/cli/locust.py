"""`locust`: the generator alone, with all that Locust takes."""

import subprocess
import sys

import typer

from harness.load.cli.options import declared_in


def locust(context: typer.Context) -> None:
    """Locust with the file of the {nouns}: takes what Locust takes, and --help shows all of it."""
    test = declared_in(context)
    words = [sys.executable, "-m", "harness.load.locust.command", str(test.locustfile), *context.args]
    raise typer.Exit(subprocess.run(words, check=False).returncode)
