"""`harness audit`: what is wrong with a deployment, before it is deployed."""

import enum
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.base.exits import Exit

if TYPE_CHECKING:
    from harness.deployment.audit.rule import Breach, Rule


class Format(enum.StrEnum):
    """How the breaches are shown."""

    TABLE = "table"
    JSON = "json"
    GITHUB = "github"


def audit(
    shown: Annotated[
        Format,
        typer.Option("--format", help="Form of the answer: for people, for programs, or for GitHub's log."),
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
    against: Annotated[
        Path | None,
        typer.Option(
            "--against",
            metavar="FILE",
            help="Judge these values in place of the declared ones, and name what differs: JSON of railway environment config, "
            "or what harness export writes in any form; a folder has a .env file for each service.",
        ),
    ] = None,
    shared: Annotated[
        list[str] | None,
        typer.Option(
            "--shared",
            metavar="NAME",
            help="With --against: a server's variable that is a shared one of the project, as for harness export; repeatable.",
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
    from harness.application import current
    from harness.base.sarif import write
    from harness.deployment.audit import Severity, show

    if listed or explained:
        from harness.deployment.audit import RULES
        from harness.deployment.drift import DRIFT

        _tell((*RULES, *current().rules, *([DRIFT] if explained else [])), explained)
        return
    if shared and against is None:
        typer.echo("--shared goes with --against FILE: it says what Railway has", err=True)
        raise typer.Exit(Exit.USAGE)
    rules, breaches = _judged(root, only or [], against, shared or [])
    if sarif:
        write(sarif, [show.as_sarif(breaches, rules)])
    if shown is Format.TABLE:
        from rich.console import Console

        width = None if sys.stdout.isatty() else 120
        Console(highlight=False, width=width).print(show.as_table(breaches, len(rules)))
    elif made := show.as_json(breaches) if shown is Format.JSON else show.as_github(breaches):
        print(made)
    if any(breach.flaw.severity is Severity.ERROR for breach in breaches):
        raise typer.Exit(Exit.VIOLATED)


def _judged(
    root: Path | None, only: Sequence[str], against: Path | None, shared: Sequence[str]
) -> "tuple[Sequence[Rule], Sequence[Breach]]":
    """The rules and their breaches; a file that cannot be read is a breach."""
    from harness.application import DeclarationError, current
    from harness.base import project
    from harness.deployment.audit import RULES, unreadable
    from harness.deployment.audit import audit as judge
    from harness.deployment.audit.subject import Subject
    from harness.deployment.declaration import NotShareableError
    from harness.deployment.drift import DRIFT
    from harness.deployment.program import program_of, raised_in
    from harness.deployment.there import judge_there
    from harness.deployment.toml_table import DeploymentError

    try:
        app = current()
        rules = _chosen((*RULES, *app.rules, *([] if against is None else [DRIFT])), only)
        program, repository = program_of(app), root or app.root
        if against is not None:
            return judge_there(Subject(repository, program.of(repository), shared), against, rules)
        return rules, judge(repository, program, rules)
    except NotShareableError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(Exit.USAGE) from None
    except DeploymentError as error:  # a file that cannot be read declares the application itself
        return RULES, unreadable(error, project.root())
    except DeclarationError as error:
        if isinstance(error.__cause__, DeploymentError):  # found when the application was imported
            return RULES, unreadable(error.__cause__, project.root())
        raise
    except typer.Exit:
        raise
    except Exception as error:  # noqa: BLE001 - whatever its own modules raise when they are imported
        said = f"the application cannot be imported: {type(error).__name__}: {error}"
        file, line = raised_in(error, project.root())
        return RULES, unreadable(DeploymentError(said, file, line), project.root())


def _chosen(rules: "Sequence[Rule]", names: Sequence[str]) -> "Sequence[Rule]":
    """The rules of these names, or all where none is given; ends the command with exit code 2 for an unknown name."""
    known = {rule.name for rule in rules}
    for name in names:
        if name == "drift" and name not in known:
            typer.echo("the rule drift compares with a file: harness audit --against FILE", err=True)
            raise typer.Exit(Exit.USAGE)
        if name not in known:
            near = get_close_matches(name, known, n=1)
            meant = f"did you mean {near[0]}?" if near else "harness audit --rules lists them"
            typer.echo(f"there is no rule {name!r}: {meant}", err=True)
            raise typer.Exit(Exit.USAGE)
    return [rule for rule in rules if rule.name in names or not names]


def _tell(rules: "Sequence[Rule]", name: str) -> None:
    """Print what one rule demands and why, or what all rules demand."""
    if name:
        (rule,) = _chosen(rules, [name])
        typer.echo(f"{rule.name}: {rule.states}\nwhy: {rule.why}")
        return
    width = max(len(rule.name) for rule in rules)
    for rule in rules:
        typer.echo(f"{rule.name:<{width}}  {rule.states}")
