"""`harness try`: plays every built-in promise against the project's application."""

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.base.exits import Exit
from harness.cli.options import OnSubstrate, Tier, application

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.experiments.trial.row import Row

HEADER = ("promise", "work", "", "evidence")
COLOURS = {"held": "green", "violated": "bold red", "unknown": "yellow"}


def _known(names: "Sequence[str]") -> None:
    from harness.application.error import near
    from harness.experiments.trial.campaign import MIGRATES
    from harness.experiments.trial.promises import PROMISES

    known = [MIGRATES, *(one.name for one in PROMISES)]
    for name in names:
        if name not in known:
            raise typer.BadParameter(f"there is no promise {name!r}; {near(name, known)}")


def trial(
    promise: Annotated[
        list[str] | None,
        typer.Option(
            "--promise",
            "-p",
            metavar="NAME",
            help="Prove this promise alone; may be said several times.",
            show_default=False,
        ),
    ] = None,
    tier: Tier = "",
    substrate: OnSubstrate = "embedded",
    as_json: Annotated[bool, typer.Option("--json", help="Print the rows as JSON.")] = False,
    junitxml: Annotated[
        Path | None,
        typer.Option(
            "--junitxml",
            metavar="FILE",
            help="File to write the results into, as JUnit's XML.",
            show_default=False,
        ),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="Only list the promises.")] = False,
) -> None:
    """Start the application, play every built-in promise against each kind of its work, and show the results.

    For example: harness try --promise killed-group --promise flushed

    Exits 0 if all are held, 1 if one is violated, else 3 if one is unknown; 4 where the application did not become ready.
    """
    from rich.console import Console

    from harness.application import DeclarationError
    from harness.base.wait import WaitTimeoutError
    from harness.evidence.checks.finding import exit_of
    from harness.experiments.trial.campaign import Trial, chosen
    from harness.experiments.trial.promises import PROMISES
    from harness.substrates.choice import spec_on

    if listed:
        for one in PROMISES:
            typer.echo(f"{one.name:<18} {one.sentence}")
        return
    _known(promise or ())
    app = application()
    if not app.works:
        raise DeclarationError(f"{app.name} declares no work, so nothing can be promised: app.work(...)")
    told = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
    began = time.monotonic()
    rows: list[Row] = []
    broke_off = False
    tried = Trial(
        app,
        spec_on(tier, substrate, app),
        promise or (),
        lambda step: told.print(f"{time.monotonic() - began:6.1f} s  {step}"),
    )
    try:
        for row in tried.play():
            told.print(
                f"{time.monotonic() - began:6.1f} s  {row.word:<9} {row.promise} {row.work}",
                style=COLOURS[row.word],
            )
            rows.append(row)
    except WaitTimeoutError as error:
        told.print(f"{app.name} did not become ready\n{error}")
        broke_off = True
        if not rows:
            raise typer.Exit(Exit.INVALID) from None
    if junitxml is not None:
        from harness.experiments.trial.junit import write

        write(junitxml, app.name, rows)
    if as_json:
        typer.echo(
            json.dumps(
                {"application": app.name, "run": tried.run, "rows": [as_data(row) for row in rows]}, indent=2
            )
        )
    else:
        _show(rows)
    asked = chosen(app, promise or ())
    told.print(
        f"{len(rows)} of {len(asked) + bool(app.postgres.migration)} promises in {time.monotonic() - began:.0f} s; logs: .harness/runs/{tried.run}"
    )
    ended = exit_of(row.outcome for row in rows)
    raise typer.Exit(Exit.UNKNOWN if broke_off and ended is Exit.HOLDS else ended)


def as_data(row: "Row") -> dict[str, object]:
    """A row, as JSON has it."""
    return {
        "promise": row.promise,
        "sentence": row.sentence,
        "work": row.work,
        "outcome": row.word,
        "evidence": row.evidence,
        "again": row.again,
        "mend": row.mend,
        "seconds": round(row.seconds, 1),
    }


def _show(rows: "Sequence[Row]") -> None:
    """Show the table; below each line stands what must be mended and how to see it again."""
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True, markup=False, file=sys.stdout)
    width = max((len(row.promise) for row in rows), default=0) + 1
    works = max((len(row.work) for row in rows), default=0) + 1
    for row in rows:
        console.print(f"{row.promise:<{width}} {row.work:<{works}} ", end="")
        console.print(f"{row.word:<9}", style=COLOURS[row.word], end="")
        console.print(f" {row.evidence}")
        if row.mend:
            console.print(f"{'':<{width}} {'':<{works}} again:    {row.again}")
            console.print(f"{'':<{width}} {'':<{works}} mend:     {row.mend}")
