"""What a check says: holds, violated, unknown or nothing to judge, and the facts that decided it."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from harness.base.exits import Exit


class Outcome(enum.Enum):
    """Unknown is never a pass. That there was nothing to judge is one where it is proved, and where something else was judged."""

    HOLDS = "holds"
    VIOLATED = "violated"
    UNKNOWN = "unknown"
    NOTHING = "nothing to judge"

    @property
    def good(self) -> bool:
        """Whether nothing is to be mended, and nothing more to be seen."""
        return self in {Outcome.HOLDS, Outcome.NOTHING}


def exit_of(outcomes: Iterable[Outcome]) -> Exit:
    """How a command ends that has judged.

    Args:
        outcomes: of all that was judged; nothing judged is unknown.
    """
    seen = set(outcomes)
    if Outcome.VIOLATED in seen:
        return Exit.VIOLATED
    return Exit.HOLDS if Outcome.HOLDS in seen and Outcome.UNKNOWN not in seen else Exit.UNKNOWN


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check.

    Args:
        outcome: of the four.
        facts: what decided it, a sentence each.
        slow: whether only the machine's slowness keeps it from being told.
    """

    outcome: Outcome
    facts: tuple[str, ...]
    slow: bool = False

    @classmethod
    def judge(cls, faults: list[str], *, seen: int, what: str) -> Self:
        """Violated with any fault, unknown where nothing was seen, else holds.

        Args:
            faults: a sentence each.
            seen: how many things were judged.
            what: their name, in the plural.
        """
        if faults:
            return cls(Outcome.VIOLATED, tuple(faults))
        if not seen:
            return cls(Outcome.UNKNOWN, (f"there were no {what} to judge",))
        return cls(Outcome.HOLDS, (f"{seen} {what} judged",))

    @classmethod
    def unknown(cls, *why: str) -> Self:
        """Too little was seen.

        Args:
            why: a sentence each.
        """
        return cls(Outcome.UNKNOWN, why)

    @classmethod
    def too_slow(cls, late: Iterable[str], factor: float) -> Self:
        """A promised time was not kept, on a machine that is too slow for that to say anything.

        Args:
            late: a sentence each.
            factor: how many times slower it is than one that tells; see harness.base.pace.
        """
        return cls(
            Outcome.UNKNOWN, (*late, f"this machine is {factor:.1f} times too slow to tell"), slow=True
        )

    @classmethod
    def nothing(cls, proof: str) -> Self:
        """There was nothing to judge.

        Args:
            proof: of it: what was seen, and shows that there was nothing.
        """
        return cls(Outcome.NOTHING, (proof,))
