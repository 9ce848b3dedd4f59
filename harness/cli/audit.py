"""`harness audit`: what is wrong with a deployment before it is one."""

import enum
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.base.exits import Exit

if TYPE_CHECKING:
    from harness.deployment.audit.rule import Rule


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
    only: Annotated[
        list[str] | None, typer.Option("--rule", metavar="NAME", help="Judge by this rule alone; repeatable.")
    ] = None,
    listed: Annotated[bool, typer.Option("--rules", help="List the rules, and judge nothing.")] = False,
    explained: Annotated[
        str,
        typer.Option("--explain", metavar="NAME", help="Say what a rule demands and why, and judge nothing."),
    ] = "",
) -> None:
    """Judge declaration, tiers, image, compose, entrypoint, settings and guide by the rules. Needs no servers.

    For example: harness audit --rule tls --rule secrets

    Exits 1 if there is an error; a warning is none. Exits 2 if there is no such rule.
    """
    from rich.console import Console

    from harness.application import DeclarationError, current
    from harness.base import project
    from harness.base.sarif import write
    from harness.deployment.audit import RULES, Severity, show, unreadable
    from harness.deployment.audit import audit as judge
    from harness.deployment.program import program_of, raised_in
    from harness.deployment.toml_table import DeploymentError

    if listed or explained:
        _tell((*RULES, *current().rules), explained)
        return
    try:
        app = current()
        rules = _chosen((*RULES, *app.rules), only or [])
        breaches = judge(root or app.root, program_of(app), rules)
    except DeploymentError as error:  # the application itself is declared by what cannot be read
        rules, breaches = RULES, unreadable(error, project.root())
    except (DeclarationError, typer.Exit):
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


def _chosen(rules: "Sequence[Rule]", names: Sequence[str]) -> "Sequence[Rule]":
    """Those of these names, or all where none is given; ends the command with exit code 2 where there is none of a name."""
    known = {rule.name for rule in rules}
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            meant = f"did you mean {near[0]}?" if near else "harness audit --rules lists them"
            typer.echo(f"there is no rule {name!r}: {meant}", err=True)
            raise typer.Exit(Exit.USAGE)
    return [rule for rule in rules if rule.name in names or not names]


def _tell(rules: "Sequence[Rule]", name: str) -> None:
    """What one rule demands and why, or what all of them demand."""
    if name:
        (rule,) = _chosen(rules, [name])
        typer.echo(f"{rule.name}: {rule.states}\nwhy: {rule.why}")
        return
    width = max(len(rule.name) for rule in rules)
    for rule in rules:
        typer.echo(f"{rule.name:<{width}}  {rule.states}")
