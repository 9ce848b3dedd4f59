"""Options that several subcommands have."""

import enum
from typing import Annotated

import typer

from harness.deployment import Deployment


class Substrate(enum.StrEnum):
    """Where a stack lives."""

    EMBEDDED = "embedded"


def _known_tier(name: str) -> str:
    tiers = Deployment.load().tiers
    if name not in tiers:
        raise typer.BadParameter(f"there is no tier {name!r}; there are {', '.join(tiers)}")
    return name


Tier = Annotated[
    str,
    typer.Option(
        "--tier", callback=_known_tier, help="Row of the concurrency table: starter, developer, team."
    ),
]
OnSubstrate = Annotated[Substrate, typer.Option("--substrate", help="Where the stack lives.")]
