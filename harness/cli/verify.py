"""`harness verify`: the main job."""

import os
from typing import Annotated

import typer

from harness.cli.options import OnSubstrate, Tier
from harness.run import ROOT

PROMISES = "scenarios"


def verify(
    tier: Tier = "starter",
    substrate: OnSubstrate = None,
    postgres: Annotated[
        str, typer.Option(help="Versions of PostgreSQL, as its image is tagged, such as 15,17.")
    ] = "",
    redis: Annotated[
        str, typer.Option(help="Versions of Redis; every promise is proved on each pair of the two.")
    ] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="Prove every promise there is, not only the main job's.")
    ] = False,
    keep_on_failure: Annotated[
        bool, typer.Option(help="Leave the stack of a failed promise running.")
    ] = False,
) -> None:
    """Create a roadmap on a real stack and say what was proved.

    Exits 0 only if every promise held, 1 if one did not.
    """
    import pytest

    from harness.report.promises import Promises, uncaptured_console

    os.chdir(ROOT)
    arguments = ["-m", "e2e" if everything else "verify", "--tier", tier, PROMISES]
    if substrate:
        arguments += ["--substrate", substrate]
    for name, versions in (("--postgres", postgres), ("--redis", redis)):
        if versions:
            arguments += [name, versions]
    if keep_on_failure:
        arguments.append("--keep-on-failure")
    with uncaptured_console() as console:
        raise typer.Exit(pytest.main(arguments, plugins=[Promises(console)]))
