"""The schedule: a pure function of the seed, so that a run can be repeated."""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.experiments.nemesis.wound import Deck, Wound

PERIOD_SECONDS = 8.5  # seconds from one window to the next, if the first has healed by then
HOLD_SECONDS = (1.0, 4.0)  # least seconds of a fault
JITTER_SECONDS = 2.0
PAIRS = 1 / 3  # of the windows
ARRIVALS_PER_SECOND = 2.0  # half of the load of the largest tier without faults
REPEATED = 0.1  # share of the clients that send an accepted request a second time


@dataclass(frozen=True, slots=True)
class Window:
    """A time with faults.

    Args:
        at: earliest begin, in seconds: a window that heals late delays the next one.
        hold: seconds that it lasts at least; longer until it has bitten.
        wounds: one, or two at once.
    """

    at: float
    hold: float
    wounds: tuple[Wound, ...]

    def __str__(self) -> str:
        return f"{self.at:6.1f} s, {self.hold:.1f} s long: {' and '.join(map(str, self.wounds))}"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A client that asks for work.

    Args:
        number: of all who come, from 1.
        at: seconds after the beginning.
        repeated: whether the request is sent once more after it was accepted.
    """

    number: int
    at: float
    repeated: bool


def windows(seed: int, minutes: float, dealt: Deck) -> tuple[Window, ...]:
    """The faults of a run.

    They are dealt from a shuffled deck, not drawn: each fault comes once before the deck is shuffled again.

    Args:
        seed: decides everything.
        minutes: time that they fill, if each heals in time.
        dealt: the possible faults.
    """
    chance = random.Random(f"{seed}/windows")  # noqa: S311 - no secret
    deck = _deck(chance, dealt)
    made = []
    for number in range(int(minutes * 60 / PERIOD_SECONDS)):
        wound = next(deck)
        wounds = (wound, *_partner(wound, chance, dealt)) if chance.random() < PAIRS else (wound,)
        at = number * PERIOD_SECONDS + chance.uniform(0, JITTER_SECONDS)
        made.append(Window(round(at, 1), round(chance.uniform(*HOLD_SECONDS), 1), wounds))
    return tuple(made)


def arrivals(seed: int) -> Iterator[Arrival]:
    """The clients, without end: a Poisson process, whose arrivals do not wait for answers (docs/decisions/050-open-arrivals.md).

    Args:
        seed: decides everything.
    """
    chance = random.Random(f"{seed}/arrivals")  # noqa: S311 - no secret
    at = 0.0
    for number in itertools.count(1):
        at += chance.expovariate(ARRIVALS_PER_SECOND)
        yield Arrival(number, round(at, 3), chance.random() < REPEATED)


def _deck(chance: random.Random, dealt: Deck) -> Iterator[Wound]:
    while True:
        yield from chance.sample(dealt.cards, len(dealt.cards))


def _partner(wound: Wound, chance: random.Random, dealt: Deck) -> Sequence[Wound]:
    """A second fault for the window; None in a small application, where everything else is hurt or needed."""
    fitting = [other for other in dealt.wounds if wound.goes_with(other)]
    return [chance.choice(fitting)] if fitting else []
