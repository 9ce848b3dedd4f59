"""Options that several subcommands have."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.application import App, DeclarationError, current
from harness.base.exits import Exit
from harness.substrates.choice import REMOTE, SUBSTRATES

if TYPE_CHECKING:
    from harness.stack.address import Address


def application() -> App:
    """The project's application; ends the command with exit code 2 where it declares none."""
    try:
        return current()
    except DeclarationError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(Exit.USAGE) from None


def _known_tier(name: str) -> str:
    if name and name not in (tiers := application().tiers):
        raise typer.BadParameter(f"there is no tier {name!r}; there are {', '.join(tiers)}")
    return name


Tier = Annotated[
    str,
    typer.Option(
        "--tier",
        callback=_known_tier,
        metavar="ROW",
        show_default=False,
        help="Row of the concurrency table; by default the first one that the application declares.",
    ),
]
OfRun = Annotated[
    str,
    typer.Option("--run", help="Id of the run, or its beginning or end, where several stacks are running."),
]


def _one_of(names: Sequence[str]) -> Any:
    """The option that names a substrate.

    Args:
        names: the substrates that there are.
    """

    def known(name: str | None) -> str | None:
        if name is not None and name not in names:
            raise typer.BadParameter(f"there is no substrate {name!r}; there are {', '.join(names)}")
        return name

    return typer.Option(
        "--substrate",
        callback=known,
        metavar=f"[{'|'.join(names)}]",
        autocompletion=lambda: list(names),
        help="Where the stack lives; containers by default where a Docker engine answers, else embedded.",
    )


OnSubstrate = Annotated[str | None, _one_of([*SUBSTRATES])]
OnAny = Annotated[str | None, _one_of([*SUBSTRATES, REMOTE])]


def running(run: str) -> "Address":
    """The address of a running stack; ends the command with exit code 2 where no stack fits."""
    from harness.stack.address import Address, NoSuchStackError

    try:
        return Address.find(run)
    except NoSuchStackError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(Exit.USAGE) from None
