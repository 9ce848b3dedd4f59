"""What happens when: a pure function of the seed, so that whatever a run has found can be looked for again."""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.experiments.nemesis.wound import Deck, Wound

PERIOD_SECONDS = 8.5  # from one window to the next, where the first has healed by then
HOLD_SECONDS = (1.0, 4.0)  # that a fault lasts at least
JITTER_SECONDS = 2.0
PAIRS = 1 / 3  # of the windows
ARRIVALS_PER_SECOND = 2.0  # half of what the largest tier writes while nothing is wrong
REPEATED = 0.1  # of the clients: they send what was accepted a second time


@dataclass(frozen=True, slots=True)
class Window:
    """A time in which something is wrong.

    Args:
        at: seconds after the beginning, at the earliest: one that heals late puts off the next.
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
    """Somebody who wants something done.

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

    They are dealt from a shuffled deck, not drawn: each has its turn before the deck is shuffled again.

    Args:
        seed: decides everything.
        minutes: that they fill, if each heals in its time.
        dealt: what may go wrong.
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
    """Who comes, for as long as anybody asks: a Poisson process, whose arrivals wait for nothing (docs/decisions/050-open-arrivals.md).

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
    """Nobody, where an application is so small that everything else is hurt or needed."""
    fitting = [other for other in dealt.wounds if wound.goes_with(other)]
    return [chance.choice(fitting)] if fitting else []
