"""A member as a scenario uses it: everything that the scenario does to it is in the journal, as faults are."""

from collections.abc import Callable
from typing import Any

from harness.evidence.journal import Journal
from harness.evidence.windows import BEGINS, ENDS
from harness.nodes.node import Node


class WatchedNode:
    """Passes all calls on.

    Args:
        node: the member.
        journal: gets a `verb` for each that hurts or heals it.
    """

    def __init__(self, node: Node, journal: Journal) -> None:
        self._node = node
        self._journal = journal

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._node, name)
        return self._told(name, found) if name in BEGINS | ENDS else found

    def _told(self, verb: str, done: Callable[..., Any]) -> Callable[..., Any]:
        def telling(*arguments: Any, **named: Any) -> Any:
            self._journal.record("verb", node=self._node.name, verb=verb)
            return done(*arguments, **named)

        return telling
