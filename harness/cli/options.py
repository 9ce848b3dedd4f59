"""Options that several subcommands have."""

from typing import TYPE_CHECKING, Annotated

import click
import typer

from harness.application import App, DeclarationError, current
from harness.substrates.choice import REMOTE, SUBSTRATES

if TYPE_CHECKING:
    from harness.stack.address import Address

WHERE = "Where the stack lives; containers by default where a Docker engine answers, else embedded."
USAGE = 2


def application() -> App:
    """The project's application; ends the command with exit code 2 where it declares none."""
    try:
        return current()
    except DeclarationError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(USAGE) from None


def _known_tier(name: str) -> str:
    tiers = application().tiers
    if name and name not in tiers:
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
OfRun = Annotated[str, typer.Option("--run", help="Id of the run, where several stacks are running.")]
OnSubstrate = Annotated[
    str | None, typer.Option("--substrate", click_type=click.Choice(list(SUBSTRATES)), help=WHERE)
]
OnAny = Annotated[
    str | None, typer.Option("--substrate", click_type=click.Choice([*SUBSTRATES, REMOTE]), help=WHERE)
]


def running(run: str) -> "Address":
    """The address of a stack that runs; ends the command with exit code 2 where none could be meant."""
    from harness.stack.address import Address, NoSuchStackError

    try:
        return Address.find(run)
    except NoSuchStackError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(USAGE) from None
