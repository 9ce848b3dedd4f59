"""The definition of a promise."""

from collections.abc import Callable
from dataclasses import dataclass

from harness.application import App
from harness.evidence.checks.finding import Finding
from harness.experiments.trial.stage import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A promise that is tried with no knowledge of the application except its declaration.

    Args:
        name: of it, and of its page in docs/promises/.
        sentence: what is promised.
        mend: what would mend it where it is violated.
        play: tries it.
        applies: whether it concerns an application at all.
        each: whether it is tried with each kind of work, or once with the first.
    """

    name: str
    sentence: str
    mend: str
    play: Callable[[Stage], Finding]
    applies: Callable[[App], bool] = lambda _: True
    each: bool = True
