"""`plan`: what the model says of each row, at once and not measured."""

import json
from dataclasses import asdict, replace
from typing import Annotated

import typer
from rich.table import Table

from harness.base.exits import Exit
from harness.load import show
from harness.load.cli.options import FromTable, WithWorkload, declared_in, workload_of
from harness.load.declaration import LoadTest
from harness.load.locust.demands import USUAL, Demand, Users
from harness.load.locust.rate import per_hour
from harness.load.planning import WORKING_DAYS_A_MONTH, Planned, planned, service_times, smallest_enough

NOT_INCLUDED = "database, broker, storage, traffic, and a fee of the plan that is more than what is used"


def plan(
    context: typer.Context,
    people: Annotated[
        float,
        typer.Option(
            "--people", min=0, help="How many people; by default each row's own load.", show_default=False
        ),
    ] = 0,
    rate: Annotated[
        str,
        typer.Option("--rate", help="{Nouns} in the busiest hour, such as 500/h, in the place of people."),
    ] = "",
    a_day: Annotated[
        float,
        typer.Option(
            "--a-day",
            min=0,
            help="{Nouns} that a person asks for in a day; by default what the table users says.",
            show_default=False,
        ),
    ] = 0,
    peak_hour: Annotated[
        float,
        typer.Option(
            "--peak-hour",
            min=0,
            max=1,
            help="Share of a day's that come in its busiest hour; by default what the table users says.",
            show_default=False,
        ),
    ] = 0,
    a_month: Annotated[
        float,
        typer.Option(
            "--a-month",
            min=0,
            help="{Nouns} in a month, for its costs; by default those of 21.7 such days.",
            show_default=False,
        ),
    ] = 0,
    workload: WithWorkload = "",
    table: FromTable = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Say at once what the model says of each row under a load; nothing is measured. Exits 0 if a row is enough, 1 if none is."""
    test = declared_in(context, table)
    used = workload_of(workload, USUAL, test)
    users = _users(test, people, rate, a_day, peak_hour)
    try:
        wanted = per_hour(rate) if rate else 0.0
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    service, rows = service_times(test, used), []
    for name, row in test.rows().items():
        demand = _demand(test.traffic.demands.tiers[name], users, people, wanted)
        month = a_month or demand.per_hour / (users.peak_hour if users else 1) * WORKING_DAYS_A_MONTH
        rows.append(planned(row, demand, month, test, used, service))
    own = not (people or rate)
    found = None if own else smallest_enough(rows, test.worker)
    if as_json:
        typer.echo(json.dumps(_document(rows, found, used, own=own), indent=2))
    else:
        _show(rows, found, test, used, own=own)
    raise typer.Exit(Exit.HOLDS if found or (own and all(row.enough for row in rows)) else Exit.VIOLATED)


def _users(test: LoadTest, people: float, rate: str, a_day: float, peak_hour: float) -> Users | None:
    """Who asks, as the table says it and the options change it.

    Raises:
        typer.BadParameter: the options cannot be meant so, or nobody says how people ask.
    """
    if people and rate:
        raise typer.BadParameter("--people and --rate exclude each other")
    if a_day and not people:
        raise typer.BadParameter("--a-day is of a person: it needs --people")
    declared = test.traffic.demands.users
    if people and declared is None and not (a_day and peak_hour):
        raise typer.BadParameter(
            "[users] does not say how people ask: give --a-day and --peak-hour, or --rate in the place of --people"
        )
    if declared is None and not peak_hour:
        return None
    known = declared or Users(each_a_day=a_day or 1, peak_hour=peak_hour, reading=0.001)
    return replace(known, each_a_day=a_day or known.each_a_day, peak_hour=peak_hour or known.peak_hour)


def _demand(own: Demand, users: Users | None, people: float, wanted: float) -> Demand:
    """The load that is meant, with the objectives of a row."""
    if people and users:
        return users.demand(own.name, people, own.objectives)
    if wanted:
        readers = max(round(own.readers * wanted / own.per_hour), 1)
        return replace(own, per_hour=wanted, readers=readers, people=0)
    return own


def _document(rows: list[Planned], found: Planned | None, workload: str, *, own: bool) -> dict[str, object]:
    """All of it, with figures as they are printed."""
    first = rows[0]
    load = {} if own else {name: getattr(first, name) for name in ("people", "per_hour", "a_month")}
    return {
        "measured": False,
        "workload": workload,
        "load": load,
        "rows": [
            {
                key: round(value, 3) if isinstance(value, float) else value
                for key, value in asdict(row).items()
            }
            for row in rows
        ],
        "enough": found.row if found else None,
        "slots_needed": None if own else first.slots_needed,
        "not_included": NOT_INCLUDED,
    }


def _show(rows: list[Planned], found: Planned | None, test: LoadTest, workload: str, *, own: bool) -> None:
    out, first = show.console(), rows[0]
    if own:
        out.print("not measured: what the model says of each row at its own load")
    else:
        people = f"{first.people:,.0f} people, " if first.people else ""
        out.print(
            f"not measured: what the model says of {people}{first.per_hour:,.0f} {test.nouns} in the busiest hour, {first.a_month:,.0f} a month"
        )
    made = Table(box=None, pad_edge=False)
    for head in ("row", " / ".join(test.column(role).name for role in first.processes)):
        made.add_column(head)
    heads = ["an hour"] if own else []
    heads += ["busy", "median", "p95", "carries", "headroom", "memory", "hosting", "provider"]
    for head in heads:
        made.add_column(head, justify="right")
    made.add_column("")
    for row in rows:
        made.add_row(*_cells(row, own=own))
    out.print(made)
    for row in rows:
        if row.backlog_after_an_hour and not own:
            out.print(
                f"{row.row}: an hour of it leaves {row.backlog_after_an_hour:,} waiting; if nobody asks any more, "
                f"the last one comes {row.minutes_until_it_is_empty} minutes later"
            )
    if not own:
        out.print(_answer(first, found, test))
    _footnotes(rows, test, workload)


def _answer(first: Planned, found: Planned | None, test: LoadTest) -> str:
    slots = test.column(test.worker).name
    if first.slots_needed is None:
        return f"no row is enough: one {test.noun} alone takes longer than the objective"
    needed = f"this load needs {first.slots_needed} {slots} slot{'s' * (first.slots_needed > 1)}"
    return f"{found.row} is enough; {needed}" if found else f"no row is enough: {needed}"


def _cells(row: Planned, *, own: bool) -> list[str]:
    return [
        row.row,
        " / ".join(str(count) for count in row.processes.values()),
        *([f"{row.per_hour:,.0f}"] if own else []),
        f"{row.busy:.0%}",
        *("grows" if value is None else f"{value:.0f} s" for value in (row.p50_s, row.p95_s)),
        f"{row.carries_per_hour:,} an hour",
        f"{row.headroom:.0%}",
        f"{row.memory_mb / 1024:.2f} GB",
        f"${row.hosting_a_month:,.2f}",
        f"${row.provider_a_month:,.2f}",
        row.said,
    ]


def _footnotes(rows: list[Planned], test: LoadTest, workload: str) -> None:
    out, work = show.console(), test.traffic.demands.workloads[workload]
    measured = rows[0].memory_is_measured
    memory = (
        "without load, as measured: whether memory_mb is enough, `check` says"
        if measured
        else "at most, by the row's limit of each role"
    )
    limits = ", ".join(f"{seconds:g} s" for seconds in dict.fromkeys(row.objective_s for row in rows))
    for line in (
        f"busy: of the slots' time. carries: an hour, with p95 within {limits}. memory: {memory}.",
        f"hosting and provider: US dollars a month, by [prices]. not included: {NOT_INCLUDED}.",
        f"workload: {workload} ({work.calls:g} calls to the provider for one)",
        f"to measure a row: {test.command} check --tier NAME",
        test.assumption,
    ):
        out.print(line, markup=False)
