"""What every promise is."""

from collections.abc import Callable
from dataclasses import dataclass

from harness.application import App
from harness.evidence.checks.finding import Finding
from harness.experiments.trial.stage import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One, which is tried without knowing anything of the application but its declaration.

    Args:
        name: of it, and of its page in docs/promises/.
        sentence: what is promised.
        mend: what would mend it where it is violated.
        play: tries it.
        applies: whether there is anything in an application that it is about.
        each: whether it is tried with each kind of work; else once, with the first.
    """

    name: str
    sentence: str
    mend: str
    play: Callable[[Stage], Finding]
    applies: Callable[[App], bool] = lambda _: True
    each: bool = True
