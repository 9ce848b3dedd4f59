"""How many mutants were killed, of those that differ from the program in behaviour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.application import DeclarationError
from harness.base.exits import Exit
from harness.experiments.mutants.declared import Excused
from harness.experiments.mutants.kept import Fate, Result
from harness.experiments.mutants.mutant import Mutant

MOST_EXCUSED = 0.05  # share of the drawn mutants that may be undecided; with more, there is no score


@dataclass(frozen=True, slots=True)
class Score:
    """The score of a campaign.

    Args:
        drawn: the mutants.
        results: by their ids; one that is missing was not played.
        excused: mutants that are declared to change nothing.
    """

    drawn: Sequence[Mutant]
    results: Mapping[str, Result]
    excused: Sequence[Excused] = ()

    @property
    def equivalent(self) -> list[Mutant]:
        """The mutants that do not count: not killed, and excused."""
        found = [
            mutant
            for mutant in self.drawn
            if self.fate(mutant) is not Fate.KILLED and any(one.means(mutant) for one in self.excused)
        ]
        return found if len(found) <= MOST_EXCUSED * len(self.drawn) else []

    @property
    def counted(self) -> int:
        """Those that count."""
        return len(self.drawn) - len(self.equivalent)

    @property
    def killed(self) -> int:
        """Of them."""
        return sum(self.fate(mutant) is Fate.KILLED for mutant in self.drawn)

    @property
    def percent(self) -> float:
        """Killed of a hundred that count; an undecided mutant counts as not killed."""
        return 100 * self.killed / self.counted if self.counted else 0.0

    @property
    def alive(self) -> list[Mutant]:
        """The mutants that count and were not killed."""
        equivalent = {mutant.id for mutant in self.equivalent}
        return [
            mutant
            for mutant in self.drawn
            if self.fate(mutant) is not Fate.KILLED and mutant.id not in equivalent
        ]

    def fate(self, mutant: Mutant) -> Fate | None:
        """The result of a mutant; None where it was not played."""
        result = self.results.get(mutant.id)
        return result.fate if result else None

    def exit(self, asked: float) -> Exit:
        """The exit code of the command.

        Args:
            asked: percent.
        """
        if not self.counted:
            return Exit.UNKNOWN
        if self.percent >= asked:
            return Exit.HOLDS
        unseen = sum(self.fate(mutant) in {None, Fate.UNSTABLE} for mutant in self.alive)
        best = 100 * (self.killed + unseen) / self.counted
        return Exit.UNKNOWN if best >= asked else Exit.VIOLATED


def check_excused(excused: Sequence[Excused], every: Sequence[Mutant]) -> None:
    """Refuse an excuse for a mutant that does not exist any more.

    Args:
        excused: of the project.
        every: mutant of it.

    Raises:
        DeclarationError: one is none.
    """
    for one in excused:
        if not any(one.means(mutant) for mutant in every):
            raise DeclarationError(
                f"no mutant of {one.file} makes {one.becomes!r} of {one.was!r}: strike it out"
            )
