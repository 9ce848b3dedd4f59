"""`harness verify`: proves the promises on a real stack."""

import os
from typing import TYPE_CHECKING, Annotated

import typer

from harness.base.exits import Exit
from harness.base.run import ROOT
from harness.cli.options import OnAny, Tier, application
from harness.substrates.choice import REMOTE, usual

if TYPE_CHECKING:
    from harness.plugin.promises import Promises

PROMISES = "scenarios"
# The plugin is named here in case the project's own configuration does not load it; pytest loads it only once. The warning is
# ignored because the declaration of an application imports modules of pytest plugins before pytest could rewrite their
# assertions.
PYTEST = (
    *("-p", "harness.plugin.hooks"),
    *("-W", "ignore:Module already imported so cannot be rewritten:pytest.PytestAssertRewriteWarning"),
)


def verify(
    tier: Tier = "",
    substrate: OnAny = None,
    url: Annotated[
        str, typer.Option(help="Address of a live deployment's API, for --substrate remote.")
    ] = "",
    commit: Annotated[
        str,
        typer.Option(
            help="Commit that the live deployment must run: this checkout's by default; `any` for every one."
        ),
    ] = "",
    allow_paid: Annotated[
        bool, typer.Option("--allow-paid", help="Allow calls of the live deployment's real provider.")
    ] = False,
    postgres: Annotated[
        str, typer.Option(help="Versions of PostgreSQL, as its image is tagged, such as 15,17.")
    ] = "",
    redis: Annotated[
        str, typer.Option(help="Versions of Redis; every promise is proved on each pair of versions.")
    ] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="Prove every promise there is, not only the main job's.")
    ] = False,
    keep_on_failure: Annotated[
        bool, typer.Option(help="Leave the stack of a failed promise running.")
    ] = False,
) -> None:
    """Prove the main promises on a real stack, and say which of them held.

    For example: harness verify --substrate embedded

    Exits 0 only if every promise held, 1 if one did not, 2 if they could not be asked, 3 if one
    was skipped or is expected to fail, or if there was none to ask.
    """
    from harness.plugin.promises import Promises, uncaptured_console

    os.chdir(ROOT)
    if (substrate == REMOTE) != bool(url):
        typer.echo("--substrate remote and --url go together", err=True)
        raise typer.Exit(Exit.USAGE)
    if url:
        from harness.cli.remote import announcement

        with uncaptured_console() as console:
            told, arguments = announcement(console, url, commit, paid=allow_paid)
            raise typer.Exit(_prove([*arguments, PROMISES], Promises(console, url), told))
    arguments = [
        "-m",
        "e2e" if everything else "verify",
        "--tier",
        tier or application().usual_tier,
        PROMISES,
    ]
    if substrate:
        arguments += ["--substrate", substrate]
    for name, versions in (("--postgres", postgres), ("--redis", redis)):
        if versions:
            arguments += [name, versions]
    if keep_on_failure:
        arguments.append("--keep-on-failure")
    where = f"{substrate or usual()}, tier {tier or application().usual_tier}"
    with uncaptured_console() as console:
        raise typer.Exit(_prove(arguments, Promises(console, where)))


def _prove(arguments: list[str], promises: "Promises", *plugins: object) -> Exit:
    """Run pytest and translate its exit code into ours."""
    import pytest

    ends = {
        pytest.ExitCode.OK: Exit.HOLDS,
        pytest.ExitCode.TESTS_FAILED: Exit.VIOLATED,
        pytest.ExitCode.NO_TESTS_COLLECTED: Exit.UNKNOWN,
    }
    ended = pytest.ExitCode(pytest.main([*PYTEST, *arguments], plugins=[*plugins, promises]))
    if ended is pytest.ExitCode.TESTS_FAILED and not promises.broken:
        return Exit.UNKNOWN
    return ends.get(ended, Exit.USAGE)
