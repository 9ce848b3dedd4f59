"""What a nemesis may do: each fault with its target, and what must be sound beside it so that it bites and is seen to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from harness.application import POSTGRES, REDIS, App, Role
from harness.system.faults import (
    Deployed,
    Disconnected,
    Dropped,
    Fault,
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
    Way,
)

CUTTING_TIMES = 9  # oftener than its turn comes what cuts off work in its middle
ANY = "."  # whatever comes over a link
Make = Callable[[], Fault]


@dataclass(frozen=True, slots=True)
class Wound:
    """One thing that may go wrong.

    Args:
        make: the fault; a new one each time.
        hurts: the members that it hurts.
        needs: those that must be sound, for their traffic is what shows that it bites.
    """

    make: Make
    hurts: frozenset[str]
    needs: frozenset[str] = frozenset()

    def __str__(self) -> str:
        fault = self.make()
        return f"{fault.name} of {fault.target}"

    def goes_with(self, other: "Wound") -> bool:
        """Whether both can be felt at once, each by itself.

        Args:
            other: of a pair.
        """
        return not (self.hurts & (other.hurts | other.needs) or other.hurts & self.needs)


def _on_node(name: str, *makes: Make) -> list[Wound]:
    return [Wound(make, frozenset({name})) for make in makes]


def _role(name: str, *, pooled: bool) -> list[Wound]:
    methods = [method for method in KillMethod if pooled or method is not KillMethod.CHILD]
    return _on_node(
        name,
        *(lambda method=method: Killed(name, method) for method in methods),
        lambda: Frozen(name),
        lambda: Deployed(name),
        lambda: Restarted(name),
        lambda: Disconnected(name),
    )


def _link(member: str, server: str, needs: frozenset[str], dropped: str) -> list[Wound]:
    link = f"{member}/{server}"
    makes: tuple[Make, ...] = (
        lambda: Refused(link),
        lambda: Reset(link),
        lambda: Stalled(link),
        lambda: HalfOpen(link, Way.UP),
        lambda: HalfOpen(link, Way.DOWN),
        lambda: Slow(link, 0.2),
        lambda: Narrow(link, 4000.0),
        lambda: Dropped(link, dropped),
    )
    return [Wound(make, frozenset({member, server}), needs) for make in makes]


def _server(name: str, *more: Make) -> list[Wound]:
    return _on_node(
        name,
        lambda: Killed(name),
        lambda: Frozen(name),
        lambda: Restarted(name),
        lambda: Stalled(name),
        lambda: Refused(name),
        lambda: Reset(name),
        lambda: Slow(name, 0.1),
        *more,
    )


@dataclass(frozen=True, slots=True)
class Deck:
    """What may go wrong with a stack.

    Args:
        wounds: each thing once.
        cards: the same, with those more than once that come oftener.
    """

    wounds: tuple[Wound, ...]
    cards: tuple[Wound, ...]

    @classmethod
    def of(cls, app: App, cuts: tuple[str, ...] = ()) -> Self:
        """Derived from the roles and servers of an application.

        Never a scripted provider itself, which alone knows what it was asked, nor the proxy, nor our own way to a server.

        Args:
            app: that is hurt.
            cuts: roles whose end cuts off work in its middle; those with queues by default.
        """
        roles = [role for role in app.roles.values() if not role.optional]
        entry = frozenset(
            {app.asked(), POSTGRES}
        )  # without which nothing new is accepted, so nothing published
        wounds = [wound for role in roles for wound in _role(role.name, pooled=app.pooled(role.name))]
        wounds += _server(POSTGRES)
        wounds += _server(REDIS, Flushed, ReadOnly)
        wounds.append(Wound(Full, frozenset({REDIS}), entry))
        for role in roles:
            for server in role.uses:
                wounds += _link(role.name, server, *_needed(role, server, entry))
        cutting = cuts or tuple(role.name for role in roles if role.queues)
        often = [wound for name in cutting for wound in _role(name, pooled=app.pooled(name))] + _server(
            POSTGRES
        )
        cut = tuple(wound for wound in often if isinstance(wound.make(), (Killed, Refused, Reset)))
        return cls(tuple(wounds), tuple(wounds) + cut * CUTTING_TIMES)


def _needed(role: Role, server: str, entry: frozenset[str]) -> tuple[frozenset[str], str]:
    """What must be sound for a link to have traffic, and which of it can be dropped."""
    if server == REDIS:
        return entry, role.queues[0] if role.queues else ANY
    if server == POSTGRES:
        return (frozenset({REDIS}) if role.queues else frozenset()), ANY
    return entry | {REDIS}, ANY
