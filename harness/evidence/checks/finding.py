"""The finding of a check: holds, violated, unknown or nothing to judge, with the facts that decided it."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from harness.base.exits import Exit


class Outcome(enum.Enum):
    """Unknown is never a pass. Nothing to judge is a pass where that is proved, and where another check has judged something."""

    HOLDS = "holds"
    VIOLATED = "violated"
    UNKNOWN = "unknown"
    NOTHING = "nothing to judge"

    @property
    def good(self) -> bool:
        """Whether it is a pass."""
        return self in {Outcome.HOLDS, Outcome.NOTHING}


def exit_of(outcomes: Iterable[Outcome]) -> Exit:
    """The exit code of a command that has judged.

    Args:
        outcomes: outcomes of everything that was judged; none means unknown.
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
        slow: whether it is unknown only because the machine is slow.
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
        """A promised time was not kept, but the machine is too slow to judge that.

        Args:
            late: a sentence each.
            factor: how many times too slow it is; see harness.base.pace.
        """
        return cls(
            Outcome.UNKNOWN, (*late, f"this machine is {factor:.1f} times too slow to tell"), slow=True
        )

    @classmethod
    def nothing(cls, proof: str) -> Self:
        """There was nothing to judge.

        Args:
            proof: an observation that shows that there was nothing.
        """
        return cls(Outcome.NOTHING, (proof,))
