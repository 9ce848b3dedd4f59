"""`harness flakes`: how often a scenario fails though nothing has changed."""

import json
import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from harness.base.exits import Exit
from harness.base.run import ROOT
from harness.cli.verify import PYTEST
from harness.substrates.choice import HOME

if TYPE_CHECKING:
    from harness.plugin.plays import Count

TIMINGS = ".test_durations"  # of pytest-split
SAID_EACH = 20  # parts of the whole after which a log that nobody watches gets a line


def slowest(count: int, recorded: Path) -> list[str]:
    """Those that take longest by the recorded timings.

    Args:
        count: how many.
        recorded: the file.

    Raises:
        FileNotFoundError: there is none.
    """
    took: dict[str, float] = json.loads(recorded.read_text())
    return sorted(took, key=lambda nodeid: -took[nodeid])[:count]


def flakes(
    scenarios: Annotated[
        list[str] | None, typer.Argument(help="Files, folders or node ids of scenarios.")
    ] = None,
    times: Annotated[int, typer.Option(min=1, help="That each of them is played.")] = 100,
    longest: Annotated[
        int, typer.Option("--slowest", min=0, help=f"Also so many that take longest by {TIMINGS}.")
    ] = 0,
    substrate: Annotated[str, typer.Option(help="Where.")] = HOME,
    workers: Annotated[int, typer.Option(min=1, help="That play side by side.")] = 1,
    kept: Annotated[
        Path | None,
        typer.Option("--json", help="Write one object a line: scenario, plays, failed, low, high."),
    ] = None,
) -> None:
    """Play scenarios again and again with fresh seeds, and say of each how often it failed, with its 95 % interval.

    Nothing is played again because it failed. For example: harness flakes scenarios/journeys --times 200

    Exits 0 if none failed, 1 if one did, 2 if they could not be played, 3 if one was always skipped or there is none.
    """
    import pytest

    from harness.plugin.plays import Count
    from harness.plugin.promises import uncaptured_console

    os.chdir(ROOT)
    chosen = [*(scenarios or [])]
    if longest:
        try:
            chosen += slowest(longest, Path(TIMINGS))
        except FileNotFoundError:
            _mistake(f"no timings are recorded in {TIMINGS}: pytest --store-durations does that")
    if not chosen:
        _mistake("name scenarios, or say --slowest")
    if not find_spec("pytest_repeat"):
        _mistake("pytest-repeat is not installed, which plays a scenario again")
    os.environ.pop("CI", None)  # there, each play would have the same seed
    where = ["--substrate", substrate, *(["-n", str(workers)] if workers > 1 else [])]
    repeated = ["-m", "e2e or nightly", "--count", str(times)]
    with uncaptured_console() as console:

        def progress(over: int, total: int, failed: int) -> None:
            if over * SAID_EACH // total > (over - 1) * SAID_EACH // total:
                console.print(f"{over} of {total} played, {failed} failed", highlight=False)

        count = Count(times, progress)
        ended = pytest.main([*PYTEST, *where, *repeated, *chosen], plugins=[count])
    if count.errors or ended not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
        _mistake("\n".join(count.errors) or f"pytest ended with {ended}: there is nothing to play")
    _show(count, kept)
    counted = count.scenarios.values()
    if any(plays.failed for plays in counted):
        raise typer.Exit(Exit.VIOLATED)
    if not all(plays.played for plays in counted):
        raise typer.Exit(Exit.UNKNOWN)


def _show(count: "Count", kept: Path | None) -> None:
    """What failed most comes first, and why it failed first comes last."""
    from harness.load.stats import of_share

    lines = []
    for scenario, plays in sorted(count.scenarios.items(), key=lambda each: -each[1].failed):
        share = of_share(plays.failed, plays.played)
        lines.append(
            {
                "scenario": scenario,
                "plays": plays.played,
                "failed": plays.failed,
                "low": share.low,
                "high": share.high,
            }
        )
        if plays.played:
            rate, low, high = (f"{100 * value:.2g}" for value in (share.value, share.low, share.high))
            said = f"{plays.failed} of {plays.played} failed ({rate} %, {low} to {high} %)"
        else:
            said = "never played: skipped each time"
        typer.echo(f"{said:<42} {scenario}")
    if kept is not None:
        kept.write_text("".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines))
    for scenario, plays in count.scenarios.items():
        if plays.why:
            typer.echo(f"\n{scenario} failed first because of this:\n{plays.why}")


def _mistake(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(Exit.USAGE)
