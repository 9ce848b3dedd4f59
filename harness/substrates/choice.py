"""The substrates by name, each imported when it is asked for: a stack without containers need not load their libraries.

A new one is a class and a line here; the options, `harness doctor` and the benchmarks follow.
"""

import importlib
from collections.abc import Mapping
from importlib.util import find_spec

from harness.application import App, DeclarationError, current
from harness.substrates.engine.engine import why_no_engine
from harness.substrates.spec import StackSpec
from harness.substrates.substrate import Capability, Substrate

SUBSTRATES: Mapping[str, str] = {
    "embedded": "harness.substrates.embedded:Embedded",
    "containers": "harness.substrates.containers:Containers",
    "image": "harness.substrates.image:Image",
}
# Extras of the package, where their name is not the substrate's.
EXTRAS: Mapping[str, str] = {"image": "containers"}
LIBRARY = "testcontainers"  # of that extra; others bring Docker's own
HOME = "embedded"  # the substrate on which each change runs every scenario: it needs nothing but this machine
REMOTE = "remote"  # no substrate: a deployment that runs somewhere else (harness.stack.live_deployment)


def substrate(name: str) -> type[Substrate]:
    """The substrate of this name.

    Raises:
        KeyError: there is no such substrate.
        DeclarationError: its libraries are not installed.
    """
    module, _, found = SUBSTRATES[name].partition(":")
    try:
        kind: type[Substrate] = getattr(importlib.import_module(module), found)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("harness"):
            raise
        raise DeclarationError(
            f"substrate {name} needs {error.name}: pip install 'celery-harness[{EXTRAS.get(name, name)}]'"
        ) from None
    return kind


def usual() -> str:
    """The default substrate: `containers` where its libraries and an engine are there, else `embedded`."""
    return "embedded" if find_spec(LIBRARY) is None or why_no_engine() else "containers"


def spec_on(tier: str, name: str | None, app: App | None = None) -> StackSpec:
    """The usual stack of a tier, with the properties of its substrate.

    Args:
        tier: row of the concurrency table; the usual one where it is empty.
        name: of the substrate where it is to live; the usual one by default.
        app: whose stack it is; the project's by default.
    """
    kind = substrate(name or usual())
    wanted = StackSpec(tier=tier, substrate=kind.name, tls=Capability.TLS in kind.capabilities)
    return wanted.of(app or current())
