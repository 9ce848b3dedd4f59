"""Options that several subcommands have."""

import enum
from typing import TYPE_CHECKING, Annotated

import typer

from harness.application import current

if TYPE_CHECKING:
    from harness.stack.address import Address
    from harness.substrates.spec import StackSpec


class Substrate(enum.StrEnum):
    """Where a stack lives."""

    EMBEDDED = "embedded"
    CONTAINERS = "containers"
    IMAGE = "image"


class Provable(enum.StrEnum):
    """Where promises can be proved: also on what is not ours to start."""

    EMBEDDED = "embedded"
    CONTAINERS = "containers"
    IMAGE = "image"
    REMOTE = "remote"


def _known_tier(name: str) -> str:
    tiers = current().tiers
    if name not in tiers:
        raise typer.BadParameter(f"there is no tier {name!r}; there are {', '.join(tiers)}")
    return name


Tier = Annotated[
    str,
    typer.Option(
        "--tier", callback=_known_tier, help="Row of the concurrency table: starter, developer, team."
    ),
]
OfRun = Annotated[str, typer.Option("--run", help="Id of the run, where several stacks are running.")]
OnSubstrate = Annotated[
    Substrate | None,
    typer.Option(
        "--substrate",
        help="Where the stack lives; containers by default where a Docker engine answers, else embedded.",
    ),
]


def spec_on(tier: str, substrate: Substrate | None) -> "StackSpec":
    """The usual stack of a tier, with whatever its substrate has.

    Args:
        tier: row of the concurrency table.
        substrate: where it is to live; the usual one by default.
    """
    from harness.substrates import substrate as found
    from harness.substrates import usual
    from harness.substrates.spec import StackSpec
    from harness.substrates.substrate import Capability

    kind = found(substrate or usual())
    return StackSpec(tier=tier, substrate=kind.name, tls=Capability.TLS in kind.capabilities)


def running(run: str) -> "Address":
    """The address of a stack that runs; ends the command with exit code 2 where none could be meant."""
    from harness.stack.address import Address, NoSuchStackError

    try:
        return Address.find(run)
    except NoSuchStackError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
