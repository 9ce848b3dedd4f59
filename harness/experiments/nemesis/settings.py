"""An application's settings for a nemesis: variables of its stack, the clients, and the expected errors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from harness.application import App
from harness.experiments.nemesis.asking import Asks, asking


class Prepares(Protocol):
    """Prepares a system before the first request."""

    def __call__(self, system: Any) -> None:
        """Prepare it, for example script the providers.

        Args:
            system: harness.system.system.System.
        """


def nothing(system: Any) -> None:
    """Prepare nothing."""
    del system


@dataclass(frozen=True, slots=True, kw_only=True)
class Nemesis:
    """The settings that an application declares: `App(nemesis=...)`.

    Args:
        env: variables of every role during the run: things that take minutes in production should take seconds.
        expected_errors: regular expressions of errors that roles log while something that they need is away.
        prepare: prepares the system.
        asks: makes the clients for a running stack; by default they ask as the work declares it.
        health: path of a health check during the run; empty for none.
        ready: path that answers with a success once the system has recovered; empty where ended work is proof enough.
        cuts: roles whose end interrupts work: faults that do so come more often. By default all roles with queues.
        tier: its default tier; the last one by default.
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
    """The settings of an application, or the default ones."""
    declared: Nemesis = app.nemesis or Nemesis()
    return declared
