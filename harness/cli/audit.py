"""`harness audit`: what is wrong with a deployment before it is one."""

import enum
import sys
from pathlib import Path
from typing import Annotated

import typer

from harness.base.run import ROOT


class Format(enum.StrEnum):
    """How findings are shown."""

    TABLE = "table"
    JSON = "json"
    GITHUB = "github"


def audit(
    shown: Annotated[
        Format, typer.Option("--format", help="For people, for programs, or for GitHub's log.")
    ] = Format.TABLE,
    root: Annotated[
        Path,
        typer.Option("--root", exists=True, file_okay=False, help="The repository; this one by default."),
    ] = ROOT,
) -> None:
    """Judge declaration, tiers, image, compose, entrypoint, settings and guide by the rules. Needs no servers.

    Exits 1 if there is an error; a warning is none.
    """
    from rich.console import Console

    from harness.deployment.audit import RULES, Severity, show
    from harness.deployment.audit import audit as judge

    findings = judge(root)
    if shown is Format.TABLE:
        width = None if sys.stdout.isatty() else 120
        Console(highlight=False, width=width).print(show.as_table(findings, len(RULES)))
    else:
        made = show.as_json(findings) if shown is Format.JSON else show.as_github(findings)
        if made:
            print(made)
    if any(finding.flaw.severity is Severity.ERROR for finding in findings):
        raise typer.Exit(1)
