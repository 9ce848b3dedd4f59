"""`harness recheck`: judges saved evidence again."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.base.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.evidence.judged_again import Again, Line

ANY = "any"
NEWEST = "last"
WIDTH = 200  # columns, where no terminal says how many there are


def recheck(
    what: Annotated[
        str,
        typer.Argument(
            metavar="RUN", help="Id of a run or of a test session, or a folder of evidence, such as a bundle."
        ),
    ] = NEWEST,
    commit: Annotated[
        str,
        typer.Option(
            help="Commit that the run must have tested: this checkout's by default; `any` for every one.",
            show_default=False,
        ),
    ] = "",
    tier: Annotated[str, typer.Option(help="Tier that the run must have had.", show_default="any")] = ANY,
    substrate: Annotated[
        str, typer.Option(help="Substrate that the run must have lived on.", show_default="any")
    ] = ANY,
    postgres: Annotated[
        str, typer.Option(help="Version of PostgreSQL that the run must have had.", show_default="any")
    ] = ANY,
    redis: Annotated[
        str, typer.Option(help="Version of Redis that the run must have had.", show_default="any")
    ] = ANY,
) -> None:
    """Judge the evidence of a run again, with the checks as they are now; of the last test session by default.

    Of every scenario that was judged, and of every one that failed. For example: harness recheck last --tier team

    Exits 1 if a check is violated or a scenario failed when it was played, else 3 if a check is unknown, if a scenario
    was skipped or not played, if what was signed off is not all there, or if it is of another commit, tier,
    substrate or version.
    """
    from rich.console import Console
    from rich.table import Table

    from harness.base.commit import commit as of_sources
    from harness.cli.options import application
    from harness.evidence.checks import Judges, Outcome
    from harness.evidence.checks.finding import exit_of
    from harness.evidence.judged_again import Again, NoEvidenceError

    app = application()
    asked = {
        "commit": commit or of_sources(),
        "tier": tier,
        "substrate": substrate,
        "postgres": postgres,
        "redis": redis,
    }
    wanted = {name: value for name, value in asked.items() if value != ANY}
    again = Again(Judges.of(app), app.tables, wanted, app.tiers)
    console = Console()
    if not console.is_terminal:
        console.width = WIDTH
    table = Table(box=None, pad_edge=False)
    for column in ("scenario", "check", "outcome", "facts"):
        table.add_column(column, overflow="fold")
    seen: Counter[Outcome] = Counter()
    place = ""
    try:
        whole_session, lines = _lines(again, what)
        with console.status("judging") as status:
            for line in lines:
                seen[line.outcome] += 1
                status.update(f"judging: {seen.total()} checks")
                if whole_session and line.outcome.good:
                    continue
                shown = "" if line.place == place else line.place
                table.add_row(shown, line.check, line.outcome.value, line.facts)
                place = line.place
    except NoEvidenceError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(Exit.USAGE) from None
    if table.row_count:
        console.print(table)
    if whole_session:
        console.print(", ".join(f"{count} {outcome.value}" for outcome, count in seen.items()))
    raise typer.Exit(exit_of(seen))


def _lines(again: "Again", what: str) -> "tuple[bool, Iterator[Line]]":
    """Whether a whole session is judged, and the lines of the answer.

    Raises:
        NoEvidenceError: there is no evidence of that name.
    """
    from harness.base.run import RUNS
    from harness.evidence.checks import Outcome
    from harness.evidence.judged_again import SIGNED, Line, NoEvidenceError
    from harness.evidence.session_verdict import SESSIONS, SessionVerdict
    from harness.evidence.signed import UnsignedError

    root = RUNS / what if (RUNS / what).is_dir() else Path(what)
    session = SessionVerdict.newest(SESSIONS) if what == NEWEST and not root.is_dir() else what
    if not session:
        raise NoEvidenceError(f"no test session that used a stack has left anything in {SESSIONS}")
    if root.is_dir() or not (SESSIONS / f"{session}.json").is_file():
        return False, again.run(root)
    try:
        return True, again.session(SessionVerdict.load(session, SESSIONS))
    except UnsignedError as error:
        return True, iter([Line("", SIGNED, Outcome.UNKNOWN, str(error))])
