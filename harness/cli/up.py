"""`harness up`: a stack to play with."""

import signal
import threading
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from harness.cli.options import OnSubstrate, Tier


def up(
    tier: Tier = "starter",
    substrate: OnSubstrate = None,
    detach: Annotated[
        bool, typer.Option("--detach", "-d", help="Leave it running; `harness down` ends it.")
    ] = False,
) -> None:
    """Start a stack and say how to reach it; Ctrl-C stops everything."""
    from harness.engine.engine import EngineError
    from harness.spec import StackSpec
    from harness.stack import Stack
    from harness.substrates import substrate as found
    from harness.substrates import usual
    from harness.substrates.substrate import Capability
    from harness.wait import WaitTimeoutError

    console = Console()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    kind = found(substrate or usual())
    spec = StackSpec(tier=tier, substrate=kind.name, tls=Capability.TLS in kind.capabilities)
    stack = Stack(spec, "up", lambda step: console.print(f"starting {step}"))
    try:
        stack.start()
    except (WaitTimeoutError, EngineError) as error:
        console.print(
            f"[bold red]the stack did not start[/]\n{error}", markup=True, highlight=False, soft_wrap=True
        )
        raise typer.Exit(1) from None
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in stack.access().items():
        table.add_row(f"[bold]{name}", value)
    console.print(table, soft_wrap=True)
    if detach:
        stack.detach()
        console.print(f"running on {kind.name}; end it with: harness down {stack.run.id}", soft_wrap=True)
        return
    console.print("Ctrl-C stops everything")
    stop.wait()
    stack.stop()
    console.print("stopped")
