"""A service of somebody else's."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A service of somebody else's, which the harness plays: a program of harness.providers, and the client that scripts it.

    Args:
        name: of its node and links.
        module: of the program, run as `python -m`.
        options: of the program.
        client: makes a client of it: `client(url)`; has `base_url`, `reset()`, `calls()` and `close()`.
        variable: by which roles are told its address.
        path: that the address ends with.
        key: name of the secret that it asks for; none where it asks for none.
        label: what people are shown; `scripted NAME` by default.
    """

    name: str
    module: str
    options: tuple[str, ...] = ()
    client: Callable[[str], Any]
    variable: str = ""
    path: str = ""
    key: str = ""
    label: str = ""

    @property
    def shown(self) -> str:
        """What people are shown."""
        return self.label or f"scripted {self.name}"
