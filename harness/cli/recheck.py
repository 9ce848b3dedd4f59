"""`harness recheck`: judge what was saved, again."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.base.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.evidence.checks import Outcome

ANY = "any"
WIDTH = 200  # columns, where no terminal says how many there are


def recheck(
    what: Annotated[
        str, typer.Argument(metavar="RUN", help="Id of a run, or a folder of evidence, such as a bundle.")
    ],
    of: Annotated[
        str, typer.Option("--commit", help="That the run must be of: this checkout's by default; any.")
    ] = "",
) -> None:
    """Judge the evidence of a run again, with the checks as they are now.

    Of every scenario that was judged, and of every one that failed. Exits 1 if a check is
    violated or a scenario failed when it was played, else 3 if a check is unknown, if a scenario
    was skipped, if what was signed off is not all there, or if the run is of another commit.
    """
    from rich.console import Console
    from rich.table import Table

    from harness.base.run import RUNS
    from harness.cli.options import application
    from harness.evidence.checks import Judges, Outcome
    from harness.evidence.checks.finding import exit_of
    from harness.evidence.evidence_folder import EVIDENCE, FACTS, IncompleteError, load, seal_of

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
        seals = {
            str(folder.relative_to(root)): seal_of(folder)
            for folder in folders
            if folder.parent == root / EVIDENCE
        }
        for outcome, sentence in _signed_off(root, seals, of):
            seen.add(outcome)
            table.add_row("", "verdict", outcome.value, sentence)
    console = Console()
    if not console.is_terminal:
        console.width = WIDTH
    console.print(table)
    raise typer.Exit(exit_of(seen))


def _signed_off(root: Path, seals: dict[str, str], of: str) -> "Iterator[tuple[Outcome, str]]":
    """What a run's verdict says against it."""
    from harness.base.commit import commit
    from harness.evidence.checks import Outcome
    from harness.evidence.verdict import UnsignedError, Verdict

    try:
        verdict = Verdict.load(root)
    except UnsignedError as error:
        yield Outcome.UNKNOWN, str(error)
        return
    yield from verdict.not_green()
    for sentence in verdict.lacking(seals):
        yield Outcome.UNKNOWN, sentence
    if of != ANY:
        for sentence in verdict.unlike(of or commit()):
            yield Outcome.UNKNOWN, f"{sentence}: harness recheck --commit {ANY} judges it all the same"
