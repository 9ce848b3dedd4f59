"""The result of one promise."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.evidence.checks.finding import Finding, Outcome


def judged(faults: Sequence[str], held: str) -> Finding:
    """Violated with any fault, else held.

    Args:
        faults: a sentence each.
        held: the observation that proves it.
    """
    return Finding(Outcome.VIOLATED, tuple(faults)) if faults else Finding(Outcome.HOLDS, (held,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table.

    Args:
        promise: its name.
        sentence: what is promised.
        work: kind of work that it was tried with; empty where it is about the whole application.
        finding: what was found, and the evidence.
        again: the command that shows it again.
        mend: how to mend it; empty where nothing must be mended.
        seconds: that it took.
    """

    promise: str
    sentence: str
    work: str
    finding: Finding
    again: str
    mend: str
    seconds: float

    @property
    def outcome(self) -> Outcome:
        """Held, violated or unknown."""
        return self.finding.outcome

    @property
    def evidence(self) -> str:
        """In one line."""
        return "; ".join(self.finding.facts)

    @property
    def word(self) -> str:
        """The outcome, as the table has it."""
        return {Outcome.HOLDS: "held", Outcome.NOTHING: "held"}.get(self.outcome, self.outcome.value)
