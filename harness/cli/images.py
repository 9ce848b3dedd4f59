"""`harness images`: the images for stacks in containers, and how to build them where no registry can be reached."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from harness.base.exits import Exit
from harness.substrates.engine.images import DEFAULT_SUITE, IMAGES, SUITES, Image, choose

if TYPE_CHECKING:
    from harness.substrates.engine.engine import Engine

images = typer.Typer(help="The images that stacks in containers are made of.", invoke_without_command=True)


@images.callback()
def show(context: typer.Context) -> None:
    """Show which image is used for what: the official one, one of ours, or the one that you name."""
    if context.invoked_subcommand is not None:
        return
    engine = _engine()
    table = Table(box=None, pad_edge=False, show_header=False)
    for image in IMAGES:
        choice = choose(image, engine)
        there = "" if choice.there else "to be pulled"
        table.add_row(image.program, choice.reference, choice.source.value, there)
    Console().print(table)


@images.command("fetch")
def fetch_images() -> None:
    """Pull the images, so that no stack has to wait for them. Exits 2 where an image is not available.

    For example: harness images fetch
    """
    from harness.substrates.engine.engine import EngineError
    from harness.substrates.engine.images import resolve

    console = Console(stderr=True)
    engine = _engine()
    try:
        for image in IMAGES:
            with console.status(image.program) as status:
                resolve(image, engine, status.update)
    except EngineError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(Exit.USAGE) from None


@images.command("build")
def build_images(
    names: Annotated[
        list[str] | None, typer.Argument(help=f"Which: {', '.join(image.name for image in IMAGES)}; or all.")
    ] = None,
    suite: Annotated[
        list[str] | None, typer.Option(help=f"Debian suite: {', '.join(SUITES)}; may be repeated.")
    ] = None,
) -> None:
    """Build them from Debian packages, where no registry can be reached.

    For example: harness images build postgres --suite trixie

    Needs root, debootstrap and a Debian mirror: this machine's own, or the one that HARNESS_DEBIAN_MIRROR names. An image is
        built again only if its recipe has changed.
    """
    from harness.substrates.engine.debian_images import build_own
    from harness.substrates.engine.engine import EngineError

    wanted = [_named(name) for name in names] if names else list(IMAGES)
    for one in suite or ():
        if one not in SUITES:
            raise typer.BadParameter(f"there is no suite {one!r}; there are {', '.join(SUITES)}")
    console = Console(stderr=True)
    engine = _engine()
    try:
        for one in suite or [DEFAULT_SUITE]:
            for image in wanted:
                with console.status(f"{image.program} of {one}") as status:
                    typer.echo(build_own(engine, image, one, status.update))
    except EngineError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(Exit.USAGE) from None


@images.command("env")
def environment() -> None:
    """Print the exports for a shell that make docker compose and docker build use the same images as the harness.

    For example: harness images env > images.sh; source images.sh
    """
    engine = _engine()
    for image in IMAGES:
        typer.echo(f"export {image.variable}={choose(image, engine).reference}")


def _named(name: str) -> Image:
    for image in IMAGES:
        if image.name == name:
            return image
    raise typer.BadParameter(f"there is no image {name!r}; there are {', '.join(i.name for i in IMAGES)}")


def _engine() -> "Engine":
    from harness.substrates.engine.current import the_engine
    from harness.substrates.engine.engine import EngineError

    try:
        return the_engine()
    except EngineError as error:
        typer.echo(f"no Docker engine: {error}", err=True)
        raise typer.Exit(Exit.USAGE) from None
