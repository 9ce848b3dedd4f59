"""`report`: judge a recorded run again, and write its report."""

from pathlib import Path
from typing import Annotated

import typer

from harness.base.github import in_actions
from harness.load import reports, show
from harness.load.across_tiers import across_tiers
from harness.load.cli.options import FromTable, declared_in, read_runs, recorded
from harness.load.judgement import worst
from harness.load.verdict import CODES, judge


def report(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of a recorded run; the newest by default.")
    ] = None,
    table: FromTable = None,
) -> None:
    """Judge a recorded run again and write the report: a page, Markdown, JSON; annotations where GitHub reads them."""
    test = declared_in(context, table)
    folders = recorded(folder, test)
    demands = test.traffic.demands.tiers
    runs = read_runs(folders, test)
    verdicts = [judge(run, demands[run.tier], test) for run in runs]
    between = across_tiers(runs, verdicts, [demands[run.tier] for run in runs], test)
    show.show(verdicts, test, between)
    if in_actions():
        for line in reports.annotations(verdicts, between, test):
            typer.echo(line)
    where = folders[0].parent if len(folders) > 1 else folders[0]
    typer.echo(f"report: {reports.write(runs, verdicts, between, test, where)}")
    raise typer.Exit(CODES[worst([*(v.grade for v in verdicts), *(j.grade for j in between)])])
