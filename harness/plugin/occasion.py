"""When a scenario runs on a substrate: for each change, for one change of three, or in the nightly run. Its marks alone decide."""

import enum
import zlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import pytest

from harness.base.commit import head
from harness.substrates.choice import HOME, SUBSTRATES, substrate
from harness.substrates.substrate import Capability

THIRDS = 3
EVERY = "every_substrate"
IN_TURN = "in_turn"
SPAWNED = "spawned"
ALWAYS, CHANGE = "always", "change"  # values of --occasion


class When(enum.StrEnum):
    """How often a scenario runs on a substrate."""

    CHANGE = "each change"
    VARIANTS = "some variants each change"
    ROTATION = "one change of three"
    NIGHT = "nightly"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Slot:
    """One scenario on one substrate.

    Args:
        when: it runs there.
        why: the declaration that says so.
    """

    when: When
    why: str


def needed(item: pytest.Item) -> set[Capability]:
    """The capabilities that a scenario needs of its substrate.

    Args:
        item: the scenario.
    """
    found = {Capability(name) for marker in item.iter_markers("needs") for name in marker.args}
    stack = item.get_closest_marker("stack")
    return found | ({Capability.TLS} if stack and stack.kwargs.get("tls") else set())


def slot(item: pytest.Item, where: str) -> Slot:
    """When a scenario runs on a substrate, from what it declares.

    Args:
        item: the scenario.
        where: the substrate's name.
    """
    found = _slot(item, where)
    if found.when is When.CHANGE and item.get_closest_marker(IN_TURN):
        return Slot(When.VARIANTS, f"{IN_TURN}, and {found.why}")
    return found


def _slot(item: pytest.Item, where: str) -> Slot:
    if lacking := sorted(needed(item) - substrate(where).capabilities):
        return Slot(When.NEVER, f"{where} has not {lacking[0].meaning}")
    marks = {marker.name for marker in item.iter_markers()}
    for mark, when in _declared(where).items():
        if mark in marks:
            return Slot(when, mark)
    if where == HOME:
        return Slot(When.CHANGE, "each change runs everything here")
    if where == _first(item):
        return Slot(When.CHANGE, f"the first that has what it needs: {HOME} has not")
    return Slot(When.ROTATION, f"no {EVERY}")


def _first(item: pytest.Item) -> str:
    """The first substrate that has what a scenario needs; empty where none has."""
    return next((name for name in SUBSTRATES if needed(item) <= substrate(name).capabilities), "")


def spawns(item: pytest.Item, where: str, occasion: str) -> bool:
    """Whether a scenario's own stack is started by the entrypoint, and not forked.

    A role starts in the same way whatever is beneath it: a change has it spawned on one substrate, the nightly run on all.

    Args:
        item: the scenario.
        where: the substrate's name.
        occasion: `CHANGE` or `ALWAYS`.
    """
    return item.get_closest_marker(SPAWNED) is not None and (occasion != CHANGE or where == _first(item))


def _declared(where: str) -> dict[str, When]:
    """The decision of each mark for a substrate; the first mark that a scenario has counts."""
    engines = [name for name in SUBSTRATES if substrate(name).needs_engine]
    # A scenario that starts everything on an engine does not depend on the substrate: one substrate is enough.
    engine = When.CHANGE if where == engines[0] else When.NIGHT
    declared = {"nightly": When.NIGHT, "docker": engine if where in engines else When.NEVER}
    return declared if where == HOME else declared | {"once": When.NIGHT, EVERY: When.CHANGE}


@dataclass(frozen=True, slots=True)
class Rotation:
    """The third of the scenarios that is played now.

    Args:
        turn: from 0; the commit's hash, modulo three.
    """

    turn: int

    @classmethod
    def of(cls, commit: str) -> "Rotation":
        """The rotation of a commit.

        Args:
            commit: its hash; the first third is played where there is none.
        """
        return cls(int(commit or "0", 16) % THIRDS)

    def plays(self, nodeid: str, where: str) -> bool:
        """Whether a scenario that takes turns is played on a substrate now.

        Each substrate plays another third, so that most commits play a scenario on one of them.

        Args:
            nodeid: of the scenario.
            where: the substrate's name.
        """
        return (zlib.crc32(nodeid.encode()) + list(SUBSTRATES).index(where)) % THIRDS == self.turn

    def of_variants(self, nodeids: list[str], where: str) -> list[str]:
        """Which variants of one scenario are played on a substrate now: every third, and at least one.

        Args:
            nodeids: of all its variants, in their order.
            where: the substrate's name.
        """
        rounds = min(THIRDS, len(nodeids))
        name = nodeids[0].partition("[")[0]
        first = (zlib.crc32(name.encode()) + list(SUBSTRATES).index(where) + self.turn) % rounds
        return nodeids[first::rounds]

    def __str__(self) -> str:
        return f"third {self.turn + 1} of {THIRDS} of what takes turns (commit {head()[:7] or 'unknown'})"


def select(items: list[pytest.Item], where: str, rotation: Rotation) -> list[pytest.Item]:
    """The scenarios that a change runs on a substrate; other changes or the nightly run play the rest.

    Args:
        items: the scenarios.
        where: the substrate's name.
        rotation: of the change.
    """
    slots = {item.nodeid: slot(item, where) for item in items}
    chosen = _variants(
        [item.nodeid for item in items if slots[item.nodeid].when is When.VARIANTS], where, rotation
    )
    return [
        item
        for item in items
        if item.nodeid in chosen or _runs(item.nodeid, slots[item.nodeid], where, rotation)
    ]


def _variants(nodeids: Iterable[str], where: str, rotation: Rotation) -> set[str]:
    scenarios: dict[str, list[str]] = defaultdict(list)
    for nodeid in nodeids:
        scenarios[nodeid.partition("[")[0]].append(nodeid)
    return {one for variants in scenarios.values() for one in rotation.of_variants(variants, where)}


def _runs(nodeid: str, found: Slot, where: str, rotation: Rotation) -> bool:
    return found.when in {When.CHANGE, When.NEVER} or (
        found.when is When.ROTATION and rotation.plays(nodeid, where)
    )
