"""What a nemesis may do: each fault with its target, and what must be sound beside it so that it bites and is seen to."""

from collections.abc import Callable
from dataclasses import dataclass

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
from scenarios.roadmaps.services import API, CONTENT, LOGS

POSTGRES, REDIS, OPENAI = "postgres", "redis", "openai"
ENTRY = frozenset({API, POSTGRES})  # without which nothing new is accepted, so nothing published
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


def _role(name: str) -> list[Wound]:
    return _on_node(
        name,
        *(lambda method=method: Killed(name, method) for method in KillMethod),
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


# Never the scripted provider itself, which alone knows what it was asked, nor the proxy, nor our own way to a server.
WOUNDS: tuple[Wound, ...] = (
    *_role(API),
    *_role(LOGS),
    *_role(CONTENT),
    *_server(POSTGRES),
    *_server(REDIS, Flushed, ReadOnly),
    Wound(Full, frozenset({REDIS}), ENTRY),
    *_link(API, REDIS, ENTRY, "."),
    *_link(API, POSTGRES, frozenset(), "."),
    *_link(LOGS, REDIS, ENTRY, "logs"),
    *_link(LOGS, POSTGRES, frozenset({REDIS}), "."),
    *_link(CONTENT, REDIS, ENTRY, "content"),
    *_link(CONTENT, POSTGRES, frozenset({REDIS}), "."),
    *_link(CONTENT, OPENAI, ENTRY | {REDIS}, "."),
)
# What cuts off roadmaps that are being made comes oftener than its turn.
_CUTTING = tuple(
    wound
    for wound in (*_role(CONTENT), *_server(POSTGRES))
    if isinstance(wound.make(), (Killed, Refused, Reset))
)
DECK = WOUNDS + _CUTTING * 9
