"""The base of all faults on a link: the proxy injects them, and counts their effects."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, Self

from harness.stack.stack import Stack
from harness.system.faults.fault import Fault


@dataclass
class LinkFault(Fault):
    """A fault on a link.

    Args:
        link: its name: `member/server`, or `server` for the links of all its clients. See harness.nodes.links.Links.
    """

    counts: ClassVar[tuple[str, ...]]  # counters of Links.stats that show its effect, any of them

    link: str
    _before: Mapping[str, int] = field(init=False, default_factory=dict)
    _hurt: ExitStack = field(init=False, default_factory=ExitStack)

    @classmethod
    def against_link(cls, link: str, wanted: str) -> Sequence[Callable[[], Self]]:
        """See Fault."""
        del wanted
        return (partial(cls, link),)

    @classmethod
    def against_server(cls, name: str) -> Sequence[Callable[[], Self]]:
        """See Fault."""
        return () if cls.on_servers is None else (partial(cls, name),)

    @property
    @abstractmethod
    def hurts(self) -> Mapping[str, Any]:
        """The arguments of Links.hurt for this fault."""

    @property
    def target(self) -> str:
        """See Fault."""
        return self.link

    def inject(self, stack: Stack) -> None:
        """See Fault."""
        links = stack.substrate.links
        self._before = links.stats(self.link)
        self._hurt.enter_context(links.hurt(self.link, **self.hurts))

    def heal(self, stack: Stack) -> None:
        """See Fault."""
        del stack
        self._hurt.close()

    def trace(self, stack: Stack) -> str:
        """See Fault."""
        now = stack.substrate.links.stats(self.link)
        felt = {what: now[what] - self._before[what] for what in self.counts}
        return ", ".join(f"{number} {what}" for what, number in felt.items() if number > 0)
