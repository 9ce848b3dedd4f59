"""`harness audit`: what is wrong with a deployment before it is one."""

import enum
import sys
from pathlib import Path
from typing import Annotated

import typer

from harness.base.exits import Exit


class Format(enum.StrEnum):
    """How breaches are shown."""

    TABLE = "table"
    JSON = "json"
    GITHUB = "github"


def audit(
    shown: Annotated[
        Format, typer.Option("--format", help="For people, for programs, or for GitHub's log.")
    ] = Format.TABLE,
    root: Annotated[
        Path | None,
        typer.Option("--root", exists=True, file_okay=False, help="The repository; this one by default."),
    ] = None,
    sarif: Annotated[
        Path | None,
        typer.Option(
            "--sarif", dir_okay=False, help="A file to write the findings into as SARIF 2.1.0, too."
        ),
    ] = None,
) -> None:
    """Judge declaration, tiers, image, compose, entrypoint, settings and guide by the rules. Needs no servers.

    Exits 1 if there is an error; a warning is none.
    """
    from rich.console import Console

    from harness.application import DeclarationError, current
    from harness.base import project
    from harness.base.sarif import write
    from harness.deployment.audit import RULES, Severity, show, unreadable
    from harness.deployment.audit import audit as judge
    from harness.deployment.program import program_of, raised_in
    from harness.deployment.toml_table import DeploymentError

    try:
        app = current()
        rules = (*RULES, *app.rules)
        breaches = judge(root or app.root, program_of(app), rules)
    except DeploymentError as error:  # the application itself is declared by what cannot be read
        rules, breaches = RULES, unreadable(error, project.root())
    except DeclarationError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever its own modules raise when they are imported
        said = f"the application cannot be imported: {type(error).__name__}: {error}"
        file, line = raised_in(error, project.root())
        rules, breaches = RULES, unreadable(DeploymentError(said, file, line), project.root())
    if sarif:
        write(sarif, [show.as_sarif(breaches, rules)])
    if shown is Format.TABLE:
        width = None if sys.stdout.isatty() else 120
        Console(highlight=False, width=width).print(show.as_table(breaches, len(rules)))
    else:
        made = show.as_json(breaches) if shown is Format.JSON else show.as_github(breaches)
        if made:
            print(made)
    if any(breach.flaw.severity is Severity.ERROR for breach in breaches):
        raise typer.Exit(Exit.VIOLATED)
