"""`compare`: is one recorded run better or worse than another?"""

from pathlib import Path
from typing import Annotated

import typer

from harness.base.exits import Exit
from harness.load import show
from harness.load.cli.options import FromTable, declared_in, read_runs, recorded
from harness.load.comparison import compare as compared
from harness.load.page.history import compared as as_page

PAGE = "compared.html"


def compare(
    context: typer.Context,
    before: Annotated[Path, typer.Argument(help="Folder of a recorded run.")],
    after: Annotated[Path, typer.Argument(help="Folder of another one.")],
    page: Annotated[
        Path | None,
        typer.Option("--page", help="Where to write it as a page; beside the later run by default."),
    ] = None,
    table: FromTable = None,
) -> None:
    """Compare two recorded runs of the same tiers. Exits 1 if anything is certainly worse."""
    test = declared_in(context, table)
    old, new = ({run.tier: run for run in read_runs(recorded(one, test), test)} for one in (before, after))
    common = [tier for tier in old if tier in new]
    if not common:
        raise typer.BadParameter(f"{before} and {after} have no tier in common")
    out, worse = show.console(), False
    for tier in common:
        if old[tier].speed != new[tier].speed:
            raise typer.BadParameter(
                f"{tier} ran at {old[tier].speed:g} and {new[tier].speed:g} times the speed"
            )
    differences = compared([old[tier] for tier in common], [new[tier] for tier in common], test)
    for difference in differences:
        worse |= difference.worse
        out.print(f"{difference.tier:10} {difference.said}")
    where = page or after / PAGE
    where.write_text(as_page(differences, before.name, after.name, test), encoding="utf-8")
    typer.echo(f"page: {where}")
    raise typer.Exit(Exit.VIOLATED if worse else Exit.HOLDS)
