"""`harness bench`: how fast it is."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.status import Status
from rich.table import Table

from harness.base.exits import Exit
from harness.cli.options import OnSubstrate, Tier, application

PLAIN_WIDTH = 150  # columns, where no terminal says how many there are

if TYPE_CHECKING:
    from harness.experiments.bench import Figure


def bench(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Benchmarks to run; by default all that measure the substrate."),
    ] = None,
    tier: Tier = "",
    substrate: OnSubstrate = "embedded",
    rounds: Annotated[
        int, typer.Option("--rounds", "-r", min=1, help="How often each figure is measured.")
    ] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON document on standard output.")] = False,
    compare: Annotated[
        Path | None,
        typer.Option(
            help="What an earlier run wrote with --json: its ratios beside this run's, with intervals."
        ),
    ] = None,
) -> None:
    """Measure start, reset, stop, throughput and what idle workers send to Redis against their floors, all in this run.

    For example: harness bench start --rounds 5

    Exits 1 if a figure misses its limit, or has become worse than with --compare by more than chance, 3 if nothing could be compared.
    Absolute times mean little on a machine that others use too.
    """
    before = _earlier(compare) if compare else None
    from harness.experiments.bench import benchmarks
    from harness.substrates.choice import spec_on

    app = application()
    spec, known = spec_on(tier, substrate, app), benchmarks(app)
    possible = [name for name, found in known.items() if found.possible_on(spec.substrate)]
    unknown = sorted(set(names or ()) - set(possible))
    if unknown:
        there_are = f"on {spec.substrate} there are {', '.join(possible)}"
        typer.echo(f"there is no benchmark {', '.join(unknown)}; {there_are}", err=True)
        raise typer.Exit(Exit.USAGE)
    console = Console(stderr=True, highlight=False)
    figures: list[Figure] = []
    for name in names or possible:
        with console.status(name) as status:

            def progress(step: str, label: str = name, status: Status = status) -> None:
                status.update(f"{label}: {step}")

            figures += known[name].run(rounds, progress, spec)
        if not console.is_terminal:
            console.print(f"measured {name}")
    if as_json:
        shown = ("name", "value", "unit", "most", "least", "held", "detail", "samples")
        typer.echo(
            json.dumps([{field: getattr(figure, field) for field in shown} for figure in figures], indent=2)
        )
    else:
        Console(highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH).print(_table(figures))
    worse = _compare(figures, before) if before is not None else Exit.HOLDS
    missed = [figure.name for figure in figures if not figure.held]
    if missed:
        typer.echo(f"missed: {', '.join(missed)}", err=True)
        raise typer.Exit(Exit.VIOLATED)
    raise typer.Exit(worse)


def _earlier(file: Path) -> "dict[str, Figure]":
    """The figures in a file; ends the command where there are none, before anything is measured."""
    from harness.experiments.bench.comparison import NotAComparisonError, earlier

    try:
        return earlier(json.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        why = error.strerror or str(error)
    except NotAComparisonError as error:
        why = str(error)
    except ValueError:
        why = "it is no JSON"
    typer.echo(f"{file} cannot be compared with: {why}", err=True)
    raise typer.Exit(Exit.USAGE)


def _compare(figures: "list[Figure]", before: "dict[str, Figure]") -> Exit:
    """Show each ratio beside the earlier one; return the exit code."""
    from harness.experiments.bench.comparison import Comparison

    found = Comparison.of(figures, before)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("figure", "times before", "interval", ""):
        table.add_column(heading, justify="right" if heading in {"times before", "interval"} else "left")
    for one in found.figures:
        times = f"{one.times:.3g}" if one.times is not None else ""
        interval = f"{one.interval[0]:.3g} to {one.interval[1]:.3g}" if one.interval else ""
        table.add_row(one.name, times, interval, f"{one.change}: {one.why}" if one.why else one.change)
    # Standard output may hold a JSON document.
    Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else PLAIN_WIDTH).print(table)
    if found.worse:
        typer.echo(f"worse than before: {', '.join(found.worse)}", err=True)
        return Exit.VIOLATED
    if not found.compared:
        typer.echo("nothing could be compared", err=True)
        return Exit.UNKNOWN
    return Exit.HOLDS


def _table(figures: "list[Figure]") -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("figure")
    table.add_column("measured", justify="right")
    table.add_column("limit", justify="right")
    table.add_column("")
    table.add_column("how")
    for figure in figures:
        verdict = (
            ("", "") if not figure.limit else ("held", "green") if figure.held else ("MISSED", "bold red")
        )
        table.add_row(
            figure.name,
            f"{figure.value:.3g} {figure.unit}".strip(),
            figure.limit,
            f"[{verdict[1]}]{verdict[0]}[/]" if verdict[1] else "",
            figure.detail,
        )
    return table
