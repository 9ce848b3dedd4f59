"""Callbacks for each step of a long task, and how the steps are shown to a person."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

Progress = Callable[[str], None]


def silence(_step: str) -> None:
    """Show nothing."""


@contextmanager
def shown(what: str, stream: TextIO | None = None, *, lines: bool = True) -> Iterator[Progress]:
    """Show the steps to a person: on a terminal in one line that counts the seconds and disappears at the end, else in a line for each step.

    Args:
        what: is being done.
        stream: where it is shown; stderr by default, so that stdout holds only the command's answer.
        lines: whether anything is shown where there is no terminal.

    Yields:
        Takes the next step.
    """
    stream = stream or sys.stderr
    if not stream.isatty():
        yield (lambda step: print(f"{what}: {step}", file=stream, flush=True)) if lines else silence
        return
    from rich.console import Console
    from rich.progress import Progress as Bar
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(file=stream)
    columns = (SpinnerColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda step: bar.update(task, description=f"{what}: {step}")
