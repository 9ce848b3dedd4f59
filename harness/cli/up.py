"""`harness up`: a stack to play with."""

import signal
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from harness.base.exits import Exit
from harness.cli.options import OnSubstrate, Tier, application

if TYPE_CHECKING:
    from harness.application import App

DEBUGGED_SECONDS = 15


def up(
    tier: Tier = "",
    substrate: OnSubstrate = None,
    detach: Annotated[
        bool, typer.Option("--detach", "-d", help="Leave it running; `harness down` ends it.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Show members, queue depths and the newest errors, live.")
    ] = False,
    debug: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ROLE", help="Let a debugger into this role's processes, by debugpy; may be said again."
        ),
    ] = None,
) -> None:
    """Start a stack and say how to reach it; Ctrl-C stops everything.

    For example: harness up --tier team --detach
    Or, to see what happens in it: harness up --watch
    Or, to stop at breakpoints: harness up --debug web (see "How to debug" in CONTRIBUTING.md)
    """
    from harness.base.progress import shown
    from harness.base.wait import WaitTimeoutError
    from harness.stack.stack import Stack
    from harness.substrates.choice import spec_on
    from harness.substrates.engine.engine import EngineError

    console = Console()
    if watch and (detach or not console.is_terminal):
        why = "a stack that is left running is watched by nobody" if detach else "it needs a terminal"
        typer.echo(f"--watch: {why}; harness ps and harness logs -f look into one that runs", err=True)
        raise typer.Exit(Exit.USAGE)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    app = application()
    spec = spec_on(tier, substrate, app)
    if debug:
        spec = replace(spec, debug=_debuggable(debug, spec.substrate, app))
    try:
        with shown(f"starting on {spec.substrate}") as progress:
            stack = Stack(spec, "up", progress, app=app)
            stack.start()
    except (WaitTimeoutError, EngineError) as error:
        console.print(
            f"[bold red]the stack did not start[/]\n{error}", markup=True, highlight=False, soft_wrap=True
        )
        raise typer.Exit(Exit.USAGE) from None
    for name, value in stack.access().items():  # no table: it would cut what is too long for a line
        console.print(f"[bold]{name:<16}[/] {value}", soft_wrap=True, highlight=False)
    for name in spec.debug:
        _say_where(name, stack.run.data, console)
    if detach:
        stack.detach()
        console.print(
            f"running on {spec.substrate}; end it with: harness down {stack.run.id}", soft_wrap=True
        )
        return
    if watch:
        from harness.cli.watch import Watch

        Watch(stack).until(stop, console)
    else:
        console.print("Ctrl-C stops everything")
        stop.wait()
    stack.stop()
    console.print("stopped")


def _debuggable(names: list[str], chosen: str, app: "App") -> tuple[str, ...]:
    """The named roles; ends the command where a debugger cannot attach to them."""
    from harness.substrates.choice import SUBSTRATES
    from harness.substrates.choice import substrate as substrate_named
    from harness.substrates.host import Host

    why = ""
    if unknown := [name for name in names if name not in app.roles]:
        why = f"there is no role {unknown[0]!r}; there are {', '.join(app.roles)}"
    elif not issubclass(substrate_named(chosen), Host):
        hosts = ", ".join(name for name in SUBSTRATES if issubclass(substrate_named(name), Host))
        why = f"on {chosen} roles are not processes of this machine; --substrate may be {hosts}"
    elif app.environment is None:
        why = "this application's processes may reach only what is declared, which a debugger is not"
    if why:
        typer.echo(f"--debug: {why}", err=True)
        raise typer.Exit(Exit.USAGE)
    return tuple(dict.fromkeys(names))


def _say_where(name: str, data: Path, console: Console) -> None:
    from harness.base.wait import WaitTimeoutError, eventually
    from harness.nodes.debug import doors, folder_of

    folder = folder_of(data, name)
    try:
        for door in eventually(
            lambda: doors(folder), timeout=DEBUGGED_SECONDS, what=f"a debugger's way into {name}"
        ):
            console.print(f"[bold]debug {name}[/] {door}", soft_wrap=True, highlight=False)
    except WaitTimeoutError as error:
        console.print(f"[bold red]{error}[/]", soft_wrap=True, highlight=False)
