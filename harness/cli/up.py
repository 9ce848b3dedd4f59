"""`harness up`: a stack to play with."""

import signal
import threading
from typing import Annotated

import typer
from rich.console import Console

from harness.base.exits import Exit
from harness.cli.options import OnSubstrate, Tier, application


def up(
    tier: Tier = "",
    substrate: OnSubstrate = None,
    detach: Annotated[
        bool, typer.Option("--detach", "-d", help="Leave it running; `harness down` ends it.")
    ] = False,
) -> None:
    """Start a stack and say how to reach it; Ctrl-C stops everything."""
    from harness.base.wait import WaitTimeoutError
    from harness.stack.stack import Stack
    from harness.substrates.choice import spec_on
    from harness.substrates.engine.engine import EngineError

    console = Console()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    app = application()
    spec = spec_on(tier, substrate, app)
    stack = Stack(spec, "up", lambda step: console.print(f"starting {step}"), app=app)
    try:
        stack.start()
    except (WaitTimeoutError, EngineError) as error:
        console.print(
            f"[bold red]the stack did not start[/]\n{error}", markup=True, highlight=False, soft_wrap=True
        )
        raise typer.Exit(Exit.USAGE) from None
    for name, value in stack.access().items():  # no table, which would cut what is too long for a line
        console.print(f"[bold]{name:<16}[/] {value}", soft_wrap=True, highlight=False)
    if detach:
        stack.detach()
        console.print(
            f"running on {spec.substrate}; end it with: harness down {stack.run.id}", soft_wrap=True
        )
        return
    console.print("Ctrl-C stops everything")
    stop.wait()
    stack.stop()
    console.print("stopped")
