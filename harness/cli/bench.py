"""`harness bench`: how fast it is."""

import json
import sys
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
        typer.Argument(help="Which; all that say something of the substrate by default."),
    ] = None,
    tier: Tier = "",
    substrate: OnSubstrate = "embedded",
    rounds: Annotated[int, typer.Option("--rounds", "-r", min=1, help="How often each is measured.")] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON document on standard output.")] = False,
) -> None:
    """Measure start, reset, stop, throughput and what idle workers send to Redis against their floors, all in this run.

    Exits 1 if a figure misses its limit. Absolute times mean little on a machine that others use too.
    """
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
        shown = ("name", "value", "unit", "most", "least", "held", "detail")
        typer.echo(
            json.dumps([{field: getattr(figure, field) for field in shown} for figure in figures], indent=2)
        )
    else:
        Console(highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH).print(_table(figures))
    missed = [figure.name for figure in figures if not figure.held]
    if missed:
        typer.echo(f"missed: {', '.join(missed)}", err=True)
        raise typer.Exit(Exit.VIOLATED)


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
