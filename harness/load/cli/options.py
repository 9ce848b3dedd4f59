"""Options and helpers of several subcommands."""

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from harness.application import DeclarationError
from harness.load.declaration import LoadTest
from harness.load.locust.demands import TiersError
from harness.load.locust.traffic import TABLE
from harness.load.record import FILE, Run
from harness.substrates.choice import SUBSTRATES

ALL = "all"
SECTION = re.compile(r"\[(?P<table>[^\]]+)\] (?P<key>\w+)?|the tier (?P<tier>\S+) ")
HEAD = re.compile(r"\s*\[([^\[\]]+)\]")


def declared_in(context: typer.Context, table: Path | None = None) -> LoadTest:
    """The load test that the command was made for.

    Args:
        context: of the command.
        table: file with rows that replace its own, until the command has ended; None for its own.

    Raises:
        typer.BadParameter: the file cannot be used.
    """
    found: LoadTest = context.obj
    if table is None:
        return found
    before = os.environ.get(TABLE)

    def leave() -> None:
        os.environ.pop(TABLE, None)
        if before is not None:
            os.environ[TABLE] = before
        vars(found.traffic).pop("demands", None)

    context.call_on_close(leave)
    os.environ[TABLE] = str(table.resolve())  # the generator and the judge are processes of their own
    vars(found.traffic).pop("demands", None)  # they are read once
    wrong = dict.fromkeys(
        line for read in (found.rows, lambda: found.traffic.demands) for line in _problems(read)
    )
    if wrong:
        raise typer.BadParameter("\n".join(_at_its_line(said, table) for said in wrong))
    return found


def _at_its_line(said: str, table: Path) -> str:
    """What is the matter, with the line of the file: of the key, or else of its table; none where it is not in this file.

    Args:
        said: names a table in brackets, and a key behind it.
        table: the file.
    """
    named = SECTION.search(said)
    if named is None:
        return said
    wanted, key = named["table"] or named["tier"], named["key"] or ""
    heads, keys, current = [], [], ""
    for number, line in enumerate(table.read_text(encoding="utf-8").splitlines(), 1):
        if head := HEAD.match(line):
            current = head[1]
            heads += [number] * (current in {wanted, wanted.partition(".")[0]})
        elif key and current == wanted and re.search(rf"\b{re.escape(key)}\s*=", line):
            keys.append(number)
    found = keys or heads[-1:]
    return f"line {found[0]}: {said}" if found else said


def _problems(read: Callable[[], object]) -> list[str]:
    """What is the matter with a file, where a mistake in it is one of an option."""
    try:
        read()
    except (DeclarationError, TiersError) as error:
        return str(error).splitlines()
    return []


def tiers_of(name: str, test: LoadTest) -> list[str]:
    """The chosen tiers.

    Args:
        name: of one, of all of them, or '' for the usual one.
        test: whose they are.

    Raises:
        typer.BadParameter: there is no such tier.
    """
    known = list(test.traffic.demands.tiers)
    if name == ALL:
        return known
    name = name or test.traffic.usual_tier
    if name not in known:
        raise typer.BadParameter(f"there is no tier {name!r}; there are {', '.join(known)}, {ALL}")
    return [name]


def workload_of(name: str, usual: str, test: LoadTest) -> str:
    """The chosen workload.

    Args:
        name: of one, or ''.
        usual: the one that '' stands for, if there is one of that name.
        test: whose they are.

    Raises:
        typer.BadParameter: there is no such workload.
    """
    demands = test.traffic.demands
    if name and name not in demands.workloads:
        raise typer.BadParameter(f"there is no workload {name!r}; there are {', '.join(demands.workloads)}")
    return name or demands.named(usual)


def records(test: LoadTest) -> Path:
    """The folder of all records."""
    return test.traffic.root / ".harness" / "load"


def new_folder(what: str, test: LoadTest) -> Path:
    """A new folder for the record of this run."""
    folder = records(test) / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{what}"
    folder.mkdir(parents=True)
    return folder


def recorded(folder: Path | None, test: LoadTest) -> list[Path]:
    """The folders of recorded runs in or below a folder; of the newest check by default.

    Raises:
        typer.BadParameter: there is no recorded run.
    """
    if folder is None:
        newest = sorted({path.parents[1] for path in records(test).glob(f"*/*/{FILE}")})
        if not newest:
            raise typer.BadParameter(f"nothing was recorded yet: run `{test.command} check` first")
        folder = newest[-1]
    found = sorted(path.parent for path in [*folder.glob(FILE), *folder.glob(f"*/{FILE}")])
    if not found:
        raise typer.BadParameter(f"{folder} holds no recorded run ({FILE})")
    return found


def all_recorded(test: LoadTest) -> list[Path]:
    """The folders of all recorded runs, the newest last."""
    return sorted(path.parent for path in records(test).glob(f"*/*/{FILE}"))


def read_runs(folders: list[Path], test: LoadTest) -> list[Run]:
    """Recorded runs, in the order of their tiers.

    Raises:
        typer.BadParameter: a run cannot be read, or its tier does not exist any more.
    """
    known, runs = list(test.traffic.demands.tiers), []
    for folder in folders:
        try:
            run = Run.read(folder)
        except (OSError, msgspec.MsgspecError) as error:
            raise typer.BadParameter(f"{folder / FILE} cannot be read: {error}") from None
        if run.tier not in known:
            raise typer.BadParameter(
                f"{folder} was recorded at tier {run.tier!r}; there are {', '.join(known)}"
            )
        runs.append(run)
    return sorted(runs, key=lambda run: known.index(run.tier))


def _known_substrate(name: str) -> str:
    if name not in SUBSTRATES:
        raise typer.BadParameter(f"there is no substrate {name!r}; there are {', '.join(SUBSTRATES)}")
    return name


OneOrAll = Annotated[str, typer.Option("--tier", help="Row of the concurrency table, or all of them.")]
OneTier = Annotated[
    str, typer.Option("--tier", help="Row of the concurrency table; {usual} by default.", show_default=False)
]
FromTable = Annotated[
    Path | None,
    typer.Option(
        "--table",
        exists=True,
        dir_okay=False,
        help=f"File with rows of your own, in the place of the application's tiers; {TABLE} says the same.",
    ),
]
WithWorkload = Annotated[
    str,
    typer.Option(
        "--workload", help="What one {noun} asks for, of {workloads}; by default what the depth has."
    ),
]
OnSubstrate = Annotated[
    str,
    typer.Option(
        "--substrate",
        callback=_known_substrate,
        metavar=f"[{'|'.join(SUBSTRATES)}]",
        help="Where the stack lives.",
    ),
]
OutTo = Annotated[Path | None, typer.Option("--out", help="Folder for the record; a new one by default.")]
