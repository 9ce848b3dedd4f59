"""What was judged in a run and how, signed off when all else is over: what is not in it was not judged."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from harness.evidence.checks.finding import Outcome

FILE = "verdict.json"  # in the run's folder


class UnsignedError(Exception):
    """There is no verdict, or it is not as it was signed off."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One scenario.

    Args:
        folder: of its evidence, in the run's; empty where it has left none.
        passed: whether it did, to the end of its teardown.
        checks: name -> outcome.
        seal: of its evidence; see evidence_folder.seal_of. Empty in verdicts of before.
        skipped: nothing failed, but it was not played to its end, or cannot be told from a machine that slow.
    """

    folder: str
    passed: bool
    checks: Mapping[str, str] = field(default_factory=dict)
    seal: str = ""
    skipped: bool = False

    @property
    def outcome(self) -> Outcome:
        """What it counts for: it holds where it is green, and is unknown where nothing more than that is wrong with it."""
        if self.green:
            return Outcome.HOLDS
        bad = Outcome.VIOLATED in map(Outcome, self.checks.values())
        return Outcome.UNKNOWN if not bad and (self.passed or self.skipped) else Outcome.VIOLATED

    @property
    def green(self) -> bool:
        """Whether it passed, and every check of it is good, and one at least holds."""
        outcomes = set(map(Outcome, self.checks.values()))
        return self.passed and Outcome.HOLDS in outcomes and all(outcome.good for outcome in outcomes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Of one run.

    Args:
        run: its id.
        commit: that the sources are of; see harness.base.commit.
        substrate: it ran on.
        tier: it ran at.
        versions: of the servers, as they were asked for.
        judged: a scenario's node id -> what was judged of it.
    """

    run: str
    commit: str
    substrate: str
    tier: str
    versions: Mapping[str, str] = field(default_factory=dict)
    judged: Mapping[str, Judged] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The one that was signed off in a run's folder.

        Args:
            folder: of the run.

        Raises:
            UnsignedError: there is none, or it was changed since.
        """
        try:
            told = json.loads((folder / FILE).read_text(encoding="utf-8"))
            signed = told.pop("signed")
            if signed != _signature(told):
                raise UnsignedError(f"{FILE} is not as it was signed off")
            judged = {scenario: Judged(**one) for scenario, one in told.pop("judged").items()}
            return cls(**told, judged=judged)
        except FileNotFoundError:
            raise UnsignedError(f"{FILE} is missing: nobody has signed off what was judged") from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UnsignedError(f"{FILE} cannot be read: {type(error).__name__}: {error}") from None

    def with_judged(self, scenario: str, judged: Judged) -> Self:
        """It, with one scenario more.

        Args:
            scenario: its node id.
            judged: of it.
        """
        return replace(self, judged={**self.judged, scenario: judged})

    def sign(self, folder: Path) -> None:
        """Write it, whole or not at all.

        Args:
            folder: of the run.
        """
        told = asdict(self)
        written = (folder / FILE).with_suffix(".new")
        written.write_text(json.dumps({**told, "signed": _signature(told)}, indent=1), encoding="utf-8")
        written.replace(folder / FILE)

    def lacking(self, seals: Mapping[str, str]) -> list[str]:
        """What keeps a run's evidence from being all that was judged, a sentence each.

        Args:
            seals: folder of evidence that is there, in the run's -> its seal; see evidence_folder.seal_of.
        """
        kept = {one.folder: scenario for scenario, one in self.judged.items() if one.folder}
        faults = [f"{kept[folder]}: its evidence is missing" for folder in sorted(set(kept) - set(seals))]
        faults += [
            f"{folder}: nobody has signed off that it was judged" for folder in sorted(set(seals) - set(kept))
        ]
        faults += [
            f"{scenario}: its evidence is not the one that was judged"
            for scenario, one in sorted(self.judged.items())
            if one.seal and one.seal != seals.get(one.folder, one.seal)
        ]
        return faults if self.judged else [*faults, "no scenario was judged"]

    def not_green(self) -> list[tuple[Outcome, str]]:
        """Each scenario that was not green when it was played, and a sentence: a teardown that failed is in no evidence."""
        said = {
            Outcome.VIOLATED: "it failed when it was played",
            Outcome.UNKNOWN: "it proved nothing when it was played",
        }
        return [
            (one.outcome, f"{scenario}: {said[one.outcome]}")
            for scenario, one in sorted(self.judged.items())
            if not one.green
        ]

    def unlike(self, commit: str) -> list[str]:
        """What makes it a verdict of something else, a sentence each.

        Args:
            commit: that is asked about; see harness.base.commit.
        """
        if self.commit == commit:
            return []
        return [f"the run is of {self.commit or 'no commit'}, and not of {commit or 'no commit'}"]


def _signature(told: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
