"""`harness flakes`: how often a scenario fails though nothing has changed."""

import json
import os
import signal
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from harness.base.exits import BY_SIGNAL, Exit
from harness.base.run import ROOT
from harness.cli.verify import PYTEST
from harness.substrates.choice import HOME

if TYPE_CHECKING:
    import pytest

    from harness.plugin.plays import Count

TIMINGS = ".test_durations"  # of pytest-split
NEEDED = {"pytest_repeat": "plays a scenario again", "scipy": "computes how sure a rate is"}
SAID_EACH = 20  # parts of the whole after which a log without a terminal gets a line


def slowest(count: int, recorded: Path) -> list[str]:
    """The scenarios that take longest by the recorded timings.

    Args:
        count: how many.
        recorded: the file.

    Raises:
        FileNotFoundError: there is none.
    """
    took: dict[str, float] = json.loads(recorded.read_text(encoding="utf-8"))
    return sorted(took, key=lambda nodeid: -took[nodeid])[:count]


def flakes(
    scenarios: Annotated[
        list[str] | None, typer.Argument(help="Files, folders or node ids of scenarios.")
    ] = None,
    times: Annotated[int, typer.Option(min=1, help="How often each scenario is played.")] = 100,
    longest: Annotated[
        int, typer.Option("--slowest", min=0, help=f"Also so many that take longest by {TIMINGS}.")
    ] = 0,
    substrate: Annotated[str, typer.Option(help="Substrate to play on.")] = HOME,
    workers: Annotated[int, typer.Option(min=1, help="How many plays run at the same time.")] = 1,
    kept: Annotated[
        Path | None,
        typer.Option("--json", help="Write one object a line: scenario, plays, failed, low, high."),
    ] = None,
) -> None:
    """Play scenarios again and again with fresh seeds, and say of each how often it failed, with its 95 % interval.

    Nothing is played again because it failed. For example: harness flakes scenarios/journeys --times 200

    Ctrl-C ends it, and shows what was counted until then.

    Exits 0 if none failed, 1 if one did, 2 if they could not be played, 3 if one was always skipped or there is none.
    """
    import pytest

    if kept is not None:
        kept = kept.absolute()
        if not kept.parent.is_dir():
            _mistake(f"--json: there is no folder {kept.parent}")
    os.chdir(ROOT)
    for package, why in NEEDED.items():  # a package that is needed at the end is missed at the beginning
        if not find_spec(package):
            _mistake(f"{package} is not installed, which {why}")
    where = ["--substrate", substrate, *(["-n", str(workers)] if workers > 1 else [])]
    ended, count = _play([*where, *_chosen(scenarios or [], longest)], times)
    _show(count, kept)
    if any(plays.failed for plays in count.scenarios.values()):
        raise typer.Exit(Exit.VIOLATED)
    if ended == pytest.ExitCode.INTERRUPTED:
        raise typer.Exit(BY_SIGNAL + signal.SIGINT)
    if not all(plays.played for plays in count.scenarios.values()):
        raise typer.Exit(Exit.UNKNOWN)


def _chosen(scenarios: list[str], longest: int) -> list[str]:
    """The scenarios to play; ends the command where there are none."""
    try:
        chosen = [*scenarios, *(slowest(longest, Path(TIMINGS)) if longest else [])]
    except FileNotFoundError:
        _mistake(f"no timings are recorded in {TIMINGS}: pytest --store-durations does that")
    except ValueError as error:
        _mistake(f"{TIMINGS} cannot be read: {error}")
    return chosen or _mistake("name scenarios, or say --slowest")


def _play(arguments: list[str], times: int) -> "tuple[pytest.ExitCode, Count]":
    """Play them and show the progress; ends the command where they could not be played."""
    import pytest

    from harness.plugin.plays import Count
    from harness.plugin.promises import uncaptured_console

    os.environ.pop("CI", None)  # with it, each play would have the same seed
    with uncaptured_console() as console:

        def progress(over: int, total: int, failed: int) -> None:
            if over * SAID_EACH // total > (over - 1) * SAID_EACH // total:
                console.print(f"{over} of {total} played, {failed} failed", highlight=False)

        count = Count(times, progress)
        command = [*PYTEST, "-m", "e2e or nightly", "--count", str(times), *arguments]
        ended = pytest.ExitCode(pytest.main(command, plugins=[count]))
    if count.errors or ended not in {
        pytest.ExitCode.OK,
        pytest.ExitCode.TESTS_FAILED,
        pytest.ExitCode.INTERRUPTED,
    }:
        _mistake("\n".join(count.errors) or f"pytest ended with {ended.name}: there is nothing to play")
    return ended, count


def _show(count: "Count", kept: Path | None) -> None:
    """Show the scenarios, the most failures first, and at the end why each failed the first time."""
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
            rate, low, high = (f"{100 * value:.3g}" for value in (share.value, share.low, share.high))
            said = f"{plays.failed} of {plays.played} failed ({rate} %, {low} to {high} %)"
        else:
            said = "never played"
        typer.echo(f"{said:<42} {scenario}")
    if kept is not None:
        kept.write_text(
            "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines), encoding="utf-8"
        )
    for scenario, plays in count.scenarios.items():
        if plays.why:
            typer.echo(f"\n{scenario} failed first because of this:\n{plays.why}")


def _mistake(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(Exit.USAGE)
