"""A verdict on a terminal."""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table

from harness.base.progress import Progress
from harness.load.declaration import LoadTest
from harness.load.judgement import Grade, Judgement, shown
from harness.load.verdict import Verdict, unjudged_checks

STYLES = {
    Grade.PASS: "green",
    Grade.FAIL: "bold red",
    Grade.INCONCLUSIVE: "yellow",
    Grade.INVALID: "bold magenta",
    Grade.NOT_JUDGED: "dim",
}
PLAIN_WIDTH = 150
EVERY_SECONDS = 20.0


def console(*, stderr: bool = False) -> Console:
    made = Console(stderr=stderr, highlight=False)
    if not made.is_terminal:
        made.width = PLAIN_WIDTH
    return made


@contextmanager
def progress() -> Iterator[Progress]:
    """Show the progress: on a terminal in one line that changes, else in a line now and then."""
    out = console(stderr=True)
    if out.is_terminal:
        with out.status("starting") as status:
            yield status.update
        return
    yield now_and_then(out.print)


def now_and_then(tell: Progress, clock: Callable[[], float] = time.monotonic) -> Progress:
    """Pass on the first message of each step, and then one in EVERY_SECONDS.

    Args:
        tell: gets the messages.
        clock: seconds.
    """
    last, told = "", -math.inf

    def step(said: str) -> None:
        nonlocal last, told
        kind, now = said.partition(":")[0], clock()
        if kind != last or now >= told + EVERY_SECONDS:
            last, told = kind, now
            tell(said)

    return step


def show(verdicts: Iterable[Verdict], test: LoadTest, more: Iterable[Judgement] = ()) -> None:
    """Print the verdicts, sentence by sentence.

    Args:
        verdicts: of tiers.
        test: whose they are.
        more: judgements of several tiers together.
    """
    out = console()
    for verdict in verdicts:
        out.print(f"[bold]{verdict.tier}[/]  [{STYLES[verdict.grade]}]{verdict.grade.upper()}[/]")
        out.print(_table(verdict.judgements))
        if unjudged := unjudged_checks([verdict]):
            out.print(f"not judged: {', '.join(unjudged)}")
        if verdict.carries is not None:
            cost = "" if verdict.cost is None else f", at {verdict.cost:.2f} US dollars for 1,000"
            out.print(f"carries {shown(verdict.carries, f'{test.nouns} an hour')}{cost}")
        if verdict.headroom is not None:
            out.print(f"headroom above the nominal load: {shown(verdict.headroom, '%')}")
        if verdict.workload:
            out.print(f"workload: {verdict.workload}")
        out.print()
    for judgement in more:
        out.print(_table([judgement]))
    out.print(test.assumption)


def _table(judgements: Iterable[Judgement]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    for judgement in judgements:
        for sentence in judgement.sentences:
            style = STYLES[sentence.grade]
            table.add_row(judgement.check, f"[{style}]{sentence.grade}[/]", sentence.about, sentence.said)
    return table
