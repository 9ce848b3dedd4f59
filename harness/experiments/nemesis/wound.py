"""The possible faults of a nemesis, each with its target and the members that must work so that its effect shows."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from harness.application import POSTGRES, REDIS, App, Role
from harness.system import faults
from harness.system.faults import Fault

CUTTING_TIMES = 9  # faults that interrupt work come so many times as often
ANY = "."  # matches all data on a link
Make = Callable[[], Fault]


@dataclass(frozen=True, slots=True)
class Wound:
    """One thing that may go wrong.

    Args:
        make: the fault; a new one each time.
        hurts: the members that it hurts.
        needs: members that must work, because their traffic shows its effect.
    """

    make: Make
    hurts: frozenset[str]
    needs: frozenset[str] = frozenset()

    def __str__(self) -> str:
        fault = self.make()
        return f"{fault.name} of {fault.target}"

    def goes_with(self, other: "Wound") -> bool:
        """Whether both can have their effects at the same time, independent of each other.

        Args:
            other: of a pair.
        """
        return not (self.hurts & (other.hurts | other.needs) or other.hurts & self.needs)


def _on_role(app: App, role: Role) -> list[Wound]:
    pooled = app.pooled(role.name)
    makes = (make for kind in faults.FAULTS for make in kind.against_role(role.name, pooled=pooled))
    return [Wound(make, frozenset({role.name})) for make in makes]


def _on_link(role: Role, server: str, entry: frozenset[str]) -> list[Wound]:
    needs, wanted = _needed(role, server, entry)
    makes = (make for kind in faults.FAULTS for make in kind.against_link(f"{role.name}/{server}", wanted))
    return [Wound(make, frozenset({role.name, server}), needs) for make in makes]


def _on_server(name: str, entry: frozenset[str]) -> list[Wound]:
    kinds = sorted(faults.FAULTS, key=lambda kind: math.inf if kind.on_servers is None else kind.on_servers)
    return [
        Wound(make, frozenset({name}), entry if kind.needs_work else frozenset())
        for kind in kinds
        for make in kind.against_server(name)
    ]


@dataclass(frozen=True, slots=True)
class Deck:
    """The possible faults of a stack.

    Args:
        wounds: each fault once.
        cards: the same, with frequent faults several times.
    """

    wounds: tuple[Wound, ...]
    cards: tuple[Wound, ...]

    @classmethod
    def of(cls, app: App, cuts: tuple[str, ...] = ()) -> Self:
        """Derived from the roles and servers of an application.

        A scripted provider itself is never hurt, because only it knows its calls, nor the proxy, nor our own link to a server.

        Args:
            app: that is hurt.
            cuts: roles whose end cuts off work in its middle; those with queues by default.
        """
        roles = [role for role in app.roles.values() if not role.optional]
        # Without these nothing new is accepted, so nothing is published.
        entry = frozenset({app.asked(), POSTGRES})
        wounds = [wound for role in roles for wound in _on_role(app, role)]
        wounds += [*_on_server(POSTGRES, entry), *_on_server(REDIS, entry)]
        used = {server for role in roles for server in role.uses}
        wounds += [wound for name in app.servers if name in used for wound in _on_server(name, entry)]
        wounds += [wound for role in roles for server in role.uses for wound in _on_link(role, server, entry)]
        cutting = cuts or tuple(role.name for role in roles if role.queues)
        often = [wound for name in cutting for wound in _on_role(app, app.roles[name])]
        often += _on_server(POSTGRES, entry)
        cut = tuple(wound for wound in often if wound.make().cuts)
        return cls(tuple(wounds), tuple(wounds) + cut * CUTTING_TIMES)


def _needed(role: Role, server: str, entry: frozenset[str]) -> tuple[frozenset[str], str]:
    """The members that must work so that a link has traffic, and the part of the traffic that can be dropped."""
    if server == REDIS:
        return entry, role.queues[0] if role.queues else ANY
    if server == POSTGRES:
        return (frozenset({REDIS}) if role.queues else frozenset()), ANY
    return entry | {REDIS}, ANY
