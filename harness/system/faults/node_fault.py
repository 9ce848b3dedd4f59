"""The base of all faults on a member: they have its name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Self

from harness.system.faults.fault import Fault


@dataclass
class NodeFault(Fault):
    """A fault on one member.

    Args:
        node: its name.
    """

    node: str

    @classmethod
    def against_role(cls, name: str, *, pooled: bool) -> Sequence[Callable[[], Self]]:
        """See Fault."""
        del pooled
        return (partial(cls, name),)

    @classmethod
    def against_server(cls, name: str) -> Sequence[Callable[[], Self]]:
        """See Fault."""
        return () if cls.on_servers is None else (partial(cls, name),)

    @property
    def target(self) -> str:
        """See Fault."""
        return self.node
