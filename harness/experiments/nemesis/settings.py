"""How an application stands a nemesis: under what its stack runs, who asks for work, and what it may log meanwhile."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from harness.application import App
from harness.experiments.nemesis.asking import Asks, asking


class Prepares(Protocol):
    """Readies a system before anything is asked of it."""

    def __call__(self, system: Any) -> None:
        """Script the providers, say.

        Args:
            system: harness.system.system.System.
        """


def nothing(system: Any) -> None:
    """Nothing is to be readied."""
    del system


@dataclass(frozen=True, slots=True, kw_only=True)
class Nemesis:
    """What an application says of it: `App(nemesis=...)`.

    Args:
        env: variables of every role meanwhile: what takes minutes in production should take seconds.
        expected_errors: regular expressions of what roles log as errors while something that they need is away.
        prepare: readies the system.
        asks: makes who asks for work, for what scenarios run on; by default as the work declares it.
        health: a path that is looked at all the time; empty for none.
        ready: a path that answers with a success once all is well again; empty where ended work is proof enough.
        cuts: roles whose end cuts off work in its middle: what does that comes oftener than its turn. Those with queues by
            default.
        tier: that it is played at unless somebody says otherwise; the last one by default.
    """

    env: Mapping[str, str] = field(default_factory=dict)
    expected_errors: tuple[str, ...] = ()
    prepare: Prepares = nothing
    asks: Callable[[Any], Asks] = asking
    health: str = ""
    ready: str = ""
    cuts: tuple[str, ...] = ()
    tier: str = ""


def nemesis_of(app: App) -> Nemesis:
    """What an application says of it, or what holds for one that says nothing."""
    declared: Nemesis = app.nemesis or Nemesis()
    return declared
