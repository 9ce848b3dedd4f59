"""The scenarios that a test session had to play, and their outcomes: a declared scenario that is in no run was never judged."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from harness.base.run import ROOT
from harness.evidence.checks.finding import Outcome
from harness.evidence.signed import UnsignedError, read_signed, write_signed

SESSIONS = ROOT / ".harness" / "sessions"
PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"  # pytest's words for outcomes
SAID = {
    FAILED: (Outcome.VIOLATED, "it failed when it was played"),
    SKIPPED: (Outcome.UNKNOWN, "it was skipped"),
}


@dataclass(frozen=True, slots=True)
class Played:
    """One scenario.

    Args:
        outcome: passed, failed or skipped, to the end of its teardown.
        run: the run that it was played on; empty where it needed none.
    """

    outcome: str
    run: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionVerdict:
    """The verdict of one session.

    Args:
        session: its id.
        commit: that the sources are of; see harness.base.commit.
        declared: node ids of all scenarios that it had to play.
        played: a scenario's node id -> its outcome.
    """

    session: str
    commit: str
    declared: tuple[str, ...] = ()
    played: Mapping[str, Played] = field(default_factory=dict)

    @classmethod
    def load(cls, session: str, folder: Path) -> Self:
        """Load the verdict that was signed off when the session ended.

        Args:
            session: its id.
            folder: of all.

        Raises:
            UnsignedError: there is no verdict, or it was changed since.
        """
        verdict = read_signed(folder / f"{session}.json", cls)
        if verdict.session != session:
            raise UnsignedError(f"{session}.json is of another session, {verdict.session}")
        return verdict

    @staticmethod
    def newest(folder: Path) -> str:
        """The id of the last session that was signed off; empty where there is none.

        Args:
            folder: of all.
        """
        return max((path.stem for path in folder.glob("*.json")), default="")

    def sign(self, folder: Path) -> None:
        """Write it, after everything else.

        Args:
            folder: of all.
        """
        folder.mkdir(parents=True, exist_ok=True)
        write_signed(folder / f"{self.session}.json", self)

    @property
    def runs(self) -> list[str]:
        """The runs that it was played on."""
        return sorted({one.run for one in self.played.values()} - {""})

    def not_green(self) -> Iterator[tuple[str, Outcome, str]]:
        """Each scenario that did not pass, with its outcome and a sentence."""
        if not self.declared:
            yield "", Outcome.UNKNOWN, "no scenario was declared"
        for scenario in self.declared:
            one = self.played.get(scenario)
            if one is None:
                yield scenario, Outcome.UNKNOWN, "it was declared, and was not played"
            elif one.outcome != PASSED:
                yield scenario, *SAID.get(one.outcome, (Outcome.UNKNOWN, f"it is said to have {one.outcome}"))
        for scenario in sorted(set(self.played) - set(self.declared)):
            yield scenario, Outcome.UNKNOWN, "it was played, and nobody had declared it"
