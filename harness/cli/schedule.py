"""`harness schedule`: which scenario runs on which substrate, and when."""

import contextlib
import io
import json
from collections import Counter
from typing import Annotated, Any

import typer

from harness.base.exits import Exit
from harness.cli.verify import PROMISES, PYTEST
from harness.substrates.choice import HOME, SUBSTRATES

EVERY_SCENARIO = "e2e or compose"


class Collected:
    """A pytest plugin that keeps what was collected."""

    def __init__(self) -> None:
        self.items: list[Any] = []

    def pytest_collection_finish(self, session: Any) -> None:
        self.items = list(session.items)


def schedule(
    paths: Annotated[
        list[str] | None, typer.Argument(help=f"Files or folders of scenarios; {PROMISES} by default.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One object a line: scenario, where, when, why.")
    ] = False,
) -> None:
    """Print each scenario with each substrate, and when it runs there: each change, some variants each change, one change of three, nightly, or never.

    For example: harness schedule

    Exits 0, 2 if the scenarios could not be collected, 3 if there is none.
    """
    import pytest

    from harness.base.commit import head
    from harness.plugin.occasion import Rotation, When, select, slot

    collected, said = Collected(), io.StringIO()
    arguments = ["--collect-only", "-q", "-m", EVERY_SCENARIO, "--substrate", HOME, *(paths or [PROMISES])]
    with contextlib.redirect_stdout(said):
        ended = pytest.main([*PYTEST, *arguments], plugins=[collected])
    if ended == pytest.ExitCode.NO_TESTS_COLLECTED:
        typer.echo("there is no scenario", err=True)
        raise typer.Exit(Exit.UNKNOWN)
    if ended != pytest.ExitCode.OK:
        typer.echo(said.getvalue(), err=True)
        raise typer.Exit(Exit.USAGE)
    takes_turns = {When.VARIANTS, When.ROTATION}
    rotation, counts = Rotation.of(head()), Counter[tuple[str, str]]()
    played = {where: set(select(collected.items, where, rotation)) for where in SUBSTRATES}
    for item in collected.items:
        for where in SUBSTRATES:
            found = slot(item, where)
            now = " (now)" if found.when in takes_turns and item in played[where] else ""
            counts[where, found.when + now] += 1
            if as_json:
                line = {
                    "scenario": item.nodeid,
                    "where": where,
                    "when": found.when,
                    "why": found.why,
                    "now": bool(now),
                }
                typer.echo(json.dumps(line, ensure_ascii=False))
            else:
                typer.echo(f"{where:<11} {found.when + now:<26} {item.nodeid}  [{found.why}]")
    if not as_json:
        typer.echo(f"\n{len(collected.items)} scenarios; {rotation}")
        for (where, when), count in sorted(counts.items()):
            typer.echo(f"{where:<11} {when:<26} {count}")
