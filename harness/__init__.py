"""The names that a project imports from the harness: its declaration, its scenarios and its checks need only these.

Each name is imported when it is used, so that a project loads only the rooms that it needs, and programs without site-packages
can start here. Rooms do not import from here, but from each other.
"""

TYPE_CHECKING = False  # as in typing, which would have to be imported; type checkers know the name
if TYPE_CHECKING:
    from harness.application import (
        App,
        Postgres,
        Redis,
        Server,
        calls,
        http,
        log,
        post,
        result,
    )
    from harness.base.wait import WaitTimeoutError, always, eventually
    from harness.evidence.checks.check import needs
    from harness.evidence.checks.finding import Finding, Outcome
    from harness.evidence.evidence import Evidence
    from harness.experiments.nemesis.settings import Nemesis
    from harness.providers.http.declaration import Http, reply
    from harness.providers.openai.client import FakeOpenAI
    from harness.stack.stack import Stack
    from harness.substrates.spec import StackSpec
    from harness.system.faults import (
        Aged,
        Deployed,
        Disconnected,
        Dropped,
        Flushed,
        Frozen,
        Full,
        HalfOpen,
        Killed,
        KillMethod,
        Narrow,
        ReadOnly,
        Refused,
        Reset,
        Restarted,
        Slow,
        Stalled,
    )
    from harness.system.system import System

__all__ = [
    "Aged",
    "App",
    "Deployed",
    "Disconnected",
    "Dropped",
    "Evidence",
    "FakeOpenAI",
    "Finding",
    "Flushed",
    "Frozen",
    "Full",
    "HalfOpen",
    "Http",
    "KillMethod",
    "Killed",
    "Narrow",
    "Nemesis",
    "Outcome",
    "Postgres",
    "ReadOnly",
    "Redis",
    "Refused",
    "Reset",
    "Restarted",
    "Server",
    "Slow",
    "Stack",
    "StackSpec",
    "Stalled",
    "System",
    "WaitTimeoutError",
    "always",
    "calls",
    "eventually",
    "http",
    "log",
    "needs",
    "post",
    "reply",
    "result",
]
_ROOMS = {  # module -> its exported names
    "harness.application": (
        "App",
        "Postgres",
        "Redis",
        "Server",
        "calls",
        "http",
        "log",
        "post",
        "result",
    ),
    "harness.base.wait": ("WaitTimeoutError", "always", "eventually"),
    "harness.evidence.checks.check": ("needs",),
    "harness.evidence.checks.finding": ("Finding", "Outcome"),
    "harness.evidence.evidence": ("Evidence",),
    "harness.experiments.nemesis.settings": ("Nemesis",),
    "harness.providers.http.declaration": ("Http", "reply"),
    "harness.providers.openai.client": ("FakeOpenAI",),
    "harness.stack.stack": ("Stack",),
    "harness.substrates.spec": ("StackSpec",),
    "harness.system.faults": (
        "Aged",
        "Deployed",
        "Disconnected",
        "Dropped",
        "Flushed",
        "Frozen",
        "Full",
        "HalfOpen",
        "KillMethod",
        "Killed",
        "Narrow",
        "ReadOnly",
        "Refused",
        "Reset",
        "Restarted",
        "Slow",
        "Stalled",
    ),
    "harness.system.system": ("System",),
}


def __getattr__(name: str) -> object:
    """Import one of these names.

    Raises:
        AttributeError: the name is not exported.
    """
    import importlib

    for module, exported in _ROOMS.items():
        if name in exported:
            found: object = getattr(importlib.import_module(module), name)
            globals()[name] = found
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
