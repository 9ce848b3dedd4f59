"""`harness reliability`: docs/reliability.md."""

from pathlib import Path
from typing import Annotated

import typer

from harness.base.exits import Exit


def reliability(
    places: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="RUN...",
            help="Files of rows (.harness/rows) and nemesis runs (.harness/runs), or folders of them; "
            "without any, the kept figures are used.",
        ),
    ] = None,
) -> None:
    """Write docs/reliability.md from what runs have shown, and keep their figures in docs/reliability.json.

    For example: harness reliability .harness/rows .harness/runs

    Exits 3 where a fault of the table was not survived on each substrate, and says which; the document shows it, too.
    """
    from harness.base.run import ROOT
    from harness.experiments.reliability.declared import Declared, NotDeclaredError
    from harness.experiments.reliability.document import document, missing
    from harness.experiments.reliability.figures import Figures, NoFiguresError
    from harness.experiments.reliability.scenarios import scenarios_of_rows, unlike

    try:
        declared = Declared.load()
        figures = Figures.of(places) if places else Figures.load()
    except (NoFiguresError, NotDeclaredError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(Exit.USAGE) from None
    figures.save()
    path = ROOT / "docs" / "reliability.md"
    path.write_text(document(declared, figures), encoding="utf-8")
    lacking = missing(declared, figures) + unlike(figures.rows, scenarios_of_rows())
    typer.echo(
        f"{path.relative_to(ROOT)}: {len(figures.rows)} lines of the table, {len(figures.nemesis)} nemeses"
    )
    for fault in lacking:
        typer.echo(f"missing: {fault}", err=True)
    if lacking:
        raise typer.Exit(Exit.UNKNOWN)
