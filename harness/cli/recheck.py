"""`harness recheck`: judge what was saved, again."""

from pathlib import Path
from typing import Annotated

import typer

from harness.base.exits import Exit

WIDTH = 200  # columns, where no terminal says how many there are


def recheck(
    what: Annotated[
        str, typer.Argument(metavar="RUN", help="Id of a run, or a folder of evidence, such as a bundle.")
    ],
) -> None:
    """Judge the evidence of a run again, with the checks as they are now.

    Of every scenario that was judged, and of every one that failed. Exits 1 if a check is
    violated, else 3 if one is unknown, or if what was signed off for the run is not all there.
    """
    from rich.console import Console
    from rich.table import Table

    from harness.base.run import RUNS
    from harness.cli.options import application
    from harness.evidence.checks import Judges, Outcome
    from harness.evidence.checks.finding import exit_of
    from harness.evidence.evidence_folder import EVIDENCE, FACTS, IncompleteError, load
    from harness.evidence.verdict import UnsignedError, Verdict

    app = application()
    judges = Judges.of(app)
    root = RUNS / what if (RUNS / what).is_dir() else Path(what)
    folders = sorted(path.parent for path in root.rglob(FACTS))
    if not folders:
        typer.echo(f"there is no evidence in {root}: a scenario leaves it when it checks, or fails", err=True)
        raise typer.Exit(Exit.USAGE)
    table = Table(box=None, pad_edge=False)
    for column in ("scenario", "check", "outcome", "facts"):
        table.add_column(column, overflow="fold")
    seen: set[Outcome] = set()
    for folder in folders:
        name = "" if folder == root else str(folder.relative_to(root))
        try:
            found = judges.judge(load(folder, app.tables))
        except IncompleteError as error:
            seen.add(Outcome.UNKNOWN)
            table.add_row(name, "all", Outcome.UNKNOWN.value, str(error))
            continue
        for check, finding in found.items():
            seen.add(finding.outcome)
            table.add_row(name, check, finding.outcome.value, "; ".join(finding.facts))
            name = ""
    if (root / EVIDENCE).is_dir():
        kept = [str(folder.relative_to(root)) for folder in folders if folder.parent == root / EVIDENCE]
        try:
            missing = Verdict.load(root).lacking(kept)
        except UnsignedError as error:
            missing = [str(error)]
        for sentence in missing:
            seen.add(Outcome.UNKNOWN)
            table.add_row("", "verdict", Outcome.UNKNOWN.value, sentence)
    console = Console()
    if not console.is_terminal:
        console.width = WIDTH
    console.print(table)
    raise typer.Exit(exit_of(seen))
