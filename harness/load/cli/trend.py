"""`trend`: recorded runs over time."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from harness.load import show
from harness.load.checks.objectives import api_ms
from harness.load.checks.thresholds import NOBODY_COUNTS, time_to_end
from harness.load.cli.options import FromTable, declared_in, read_runs, recorded, records
from harness.load.declaration import LoadTest
from harness.load.page.history import Past
from harness.load.page.history import trend as page
from harness.load.record import FILE, Run
from harness.load.verdict import judge

SHARE = 0.95
PAGE = "trend.html"


def trend(
    context: typer.Context,
    folders: Annotated[
        list[Path] | None,
        typer.Argument(help="Folders of recorded runs; all that there are by default."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="The page; trend.html beside the records by default.")
    ] = None,
    table: FromTable = None,
) -> None:
    """Show recorded runs over time, each judged as runs are judged now, and write a page of them."""
    test = declared_in(context, table)
    found = [one for folder in folders or _all(test) for one in recorded(folder, test)]
    if not found:
        raise typer.BadParameter(f"nothing was recorded yet: run `{test.command} check` first")
    runs = sorted((past(run, test) for run in read_runs(found, test)), key=lambda one: one.began)
    console = show.console()
    for one in runs:
        time = "" if one.time_p95_s is None else f"p95 {one.time_p95_s:.1f} s"
        carries = "" if one.carries is None else f"carries {one.carries:.0f} an hour"
        console.print(f"{one.tier:10} {one.depth:9} {one.workload:8} {one.grade:13} {time:14} {carries}")
    where = out or records(test) / PAGE
    where.parent.mkdir(parents=True, exist_ok=True)
    where.write_text(page(runs, test), encoding="utf-8")
    typer.echo(f"trend: {where}")


def past(run: Run, test: LoadTest) -> Past:
    """The figures of a run for a trend.

    Args:
        run: recorded.
        test: whose run.
    """
    verdict = judge(run, test.traffic.demands.tiers[run.tier], test)
    steady = [one for one in run.counting(test.ended_well).steady() if one.judged]
    times = [time_to_end(one, SHARE) for one in steady]
    api = [api_ms(one, SHARE * 100, test.api_kinds) for one in steady]
    known = bool(times) and max(times) < NOBODY_COUNTS
    return Past(
        tier=run.tier,
        began=run.began,
        depth=run.depth,
        workload=run.workload,
        grade=verdict.grade,
        time_p95_s=float(np.exp(np.log(times).mean())) * run.speed if known else None,
        api_p95_ms=float(np.median(api)) if api else None,
        carries=None if verdict.carries is None else verdict.carries.value,
    )


def _all(test: LoadTest) -> list[Path]:
    return sorted({path.parents[1] for path in records(test).glob(f"*/*/{FILE}")})
