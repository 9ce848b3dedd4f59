"""What several subcommands have in common."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from harness.base.run import ROOT
from harness.cli.options import Substrate
from harness.load.locust.demands import Demands
from harness.load.record import FILE

FOLDER = ROOT / ".harness" / "load"
ALL = "all"


def tiers_of(name: str) -> list[str]:
    """The tiers that are meant.

    Raises:
        typer.BadParameter: there is no such tier.
    """
    known = list(Demands.load().tiers)
    if name == ALL:
        return known
    if name not in known:
        raise typer.BadParameter(f"there is no tier {name!r}; there are {', '.join(known)}, {ALL}")
    return [name]


def new_folder(what: str) -> Path:
    """For what is recorded now."""
    folder = FOLDER / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{what}"
    folder.mkdir(parents=True)
    return folder


def recorded(folder: Path | None) -> list[Path]:
    """The folders of recorded runs in or below a folder; of the newest check by default.

    Raises:
        typer.BadParameter: there is none.
    """
    if folder is None:
        newest = sorted({path.parents[1] for path in FOLDER.glob(f"*/*/{FILE}")})
        if not newest:
            raise typer.BadParameter("nothing was recorded yet: run `python -m loadtests check` first")
        folder = newest[-1]
    found = sorted(path.parent for path in [*folder.glob(FILE), *folder.glob(f"*/{FILE}")])
    if not found:
        raise typer.BadParameter(f"{folder} holds no recorded run ({FILE})")
    return found


OneOrAll = Annotated[str, typer.Option("--tier", help="Row of the concurrency table, or all of them.")]
OneTier = Annotated[str, typer.Option("--tier", help="Row of the concurrency table.")]
OnSubstrate = Annotated[Substrate, typer.Option("--substrate", help="Where the stack lives.")]
OutTo = Annotated[Path | None, typer.Option("--out", help="Folder for the record; a new one by default.")]
