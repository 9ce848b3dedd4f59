"""`harness ps`: the stacks that run."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

COLUMNS = ("run", "since", "substrate", "tier", "supervisor", "user", "reached at")


def ps(
    as_json: Annotated[bool, typer.Option("--json", help="One object a line.")] = False,
) -> None:
    """List the running stacks of this project: start time, substrate, owner and addresses.

    For example: harness ps
    """
    from rich.console import Console
    from rich.table import Table

    stacks = _running()
    if as_json:
        for stack in stacks:
            typer.echo(json.dumps(dict(zip(COLUMNS, stack, strict=True)), ensure_ascii=False))
        return
    if not stacks:
        typer.echo("no stack is running; harness up starts one")
        return
    table = Table(box=None, pad_edge=False)
    for column in COLUMNS:
        table.add_column(column, overflow="fold")
    for stack in stacks:
        table.add_row(*map(str, stack))
    Console().print(table)


def _running() -> list[tuple[str, str, str, str, int, str, str]]:
    """A table row for each stack."""
    import psutil

    from harness.base.run import ADDRESS, RUNS, alive
    from harness.stack.address import Address

    found = []
    for run, pid in sorted(alive().items()):
        try:
            process = psutil.Process(pid)
            since, user = process.create_time(), process.username()
        except psutil.Error:  # the stack has ended meanwhile
            continue
        spec, way = ("starting", ""), ""
        if (RUNS / run / ADDRESS).exists():
            address = Address.of(run)
            spec, since = (address.spec.substrate, address.spec.tier), address.started
            way = next((url for url in address.ways.values() if url.startswith("http")), "")
        told = datetime.fromtimestamp(since, UTC).astimezone().isoformat(sep=" ", timespec="seconds")
        found.append((run, told, *spec, pid, user, way))
    return found
