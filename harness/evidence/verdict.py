"""The signed verdict of a run, written at the end: a scenario that is not in it was not judged."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from harness.evidence.checks.finding import Outcome
from harness.evidence.evidence_folder import EVIDENCE, FAILURES, folder_name, former_folder_name
from harness.evidence.signed import UnsignedError, read_signed, write_signed

FILE = "verdict.json"  # in the run's folder


@dataclass(frozen=True, slots=True)
class Judged:
    """One scenario.

    Args:
        folder: of its evidence, in the run's; empty where it has left none.
        passed: whether it passed, to the end of its teardown.
        checks: name -> outcome.
        seal: seal of its evidence; see evidence_folder.seal_of. Empty in old verdicts.
        skipped: nothing failed, but it was not played to its end, or the machine was too slow to judge it.
    """

    folder: str
    passed: bool
    checks: Mapping[str, str] = field(default_factory=dict)
    seal: str = ""
    skipped: bool = False

    @property
    def outcome(self) -> Outcome:
        """Its outcome: it holds if it is green; it is unknown if no check is violated and it passed or was skipped."""
        if self.green:
            return Outcome.HOLDS
        bad = Outcome.VIOLATED in map(Outcome, self.checks.values())
        return Outcome.UNKNOWN if not bad and (self.passed or self.skipped) else Outcome.VIOLATED

    @property
    def green(self) -> bool:
        """Whether it passed, all its checks are good, and at least one holds."""
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
        versions: versions of the servers that were asked for.
        judged: a scenario's node id -> its judgement.
    """

    run: str
    commit: str
    substrate: str
    tier: str
    versions: Mapping[str, str] = field(default_factory=dict)
    judged: Mapping[str, Judged] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Load the verdict in a run's folder.

        Args:
            folder: of the run.

        Raises:
            UnsignedError: there is no verdict, or it was changed since.
        """
        verdict = read_signed(folder / FILE, cls)
        for scenario, one in verdict.judged.items():
            if unheard := set(one.checks.values()) - {outcome.value for outcome in Outcome}:
                raise UnsignedError(
                    f"{FILE} cannot be read: {scenario}: {', '.join(sorted(unheard))} is no outcome"
                )
        return verdict

    def with_judged(self, scenario: str, judged: Judged) -> Self:
        """The verdict with one more scenario.

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
        write_signed(folder / FILE, self)

    def lacking(self, seals: Mapping[str, str]) -> list[str]:
        """Why a run's evidence is not all that was judged, a sentence each.

        Args:
            seals: folder of evidence that is there, in the run's -> its seal; see evidence_folder.seal_of.
        """
        kept: dict[str, list[str]] = {}
        for scenario, one in sorted(self.judged.items()):
            if one.folder:
                kept.setdefault(one.folder, []).append(scenario)
        faults = [
            f"{scenario}: its evidence is missing"
            for folder in sorted(set(kept) - set(seals))
            for scenario in kept[folder]
        ]
        faults += [
            f"{folder}: nobody has signed off that it was judged" for folder in sorted(set(seals) - set(kept))
        ]
        faults += [
            f"{folder} is the evidence of {' and of '.join(scenarios)}"
            for folder, scenarios in kept.items()
            if len(scenarios) > 1
        ]
        for scenario, one in sorted(self.judged.items()):
            if one.passed and not one.folder:
                faults.append(f"{scenario}: it passed, and has left no evidence")
            elif one.folder in seals and one.seal != seals[one.folder]:
                was = "its evidence is not the one that was judged"
                faults.append(f"{scenario}: {was if one.seal else 'its evidence was never sealed'}")
        return faults if self.judged else [*faults, "no scenario was judged"]

    def not_green(self) -> list[tuple[Outcome, str]]:
        """Each scenario that was not green when it was played, with a sentence: the evidence itself does not show a failed teardown."""
        said = {
            Outcome.VIOLATED: "it failed when it was played",
            Outcome.UNKNOWN: "it proved nothing when it was played",
        }
        return [
            (one.outcome, f"{scenario}: {said[one.outcome]}")
            for scenario, one in sorted(self.judged.items())
            if not one.green
        ]

    def of_folder(self, folder: str) -> Self:
        """The part of the verdict about one folder of its run.

        Args:
            folder: in the run's: of a scenario's evidence, of a bundle, or one that holds some.
        """
        return replace(
            self,
            judged={scenario: one for scenario, one in self.judged.items() if _is_in(folder, scenario, one)},
        )

    def unlike(self, commit: str | None = None, **wanted: str) -> list[str]:
        """Why it is a verdict of something else, a sentence each.

        Args:
            commit: the wanted commit; see harness.base.commit. None where any will do.
            wanted: `tier`, `substrate`, or the name of a server -> the wanted value.
        """
        asked = wanted if commit is None else {"commit": commit, **wanted}
        told = {**self.versions, "commit": self.commit, "tier": self.tier, "substrate": self.substrate}
        return [
            f"the run is of {_named(what, told.get(what, ''))}, and not of {_named(what, value)}"
            for what, value in asked.items()
            if told.get(what, "") != value
        ]


def _named(what: str, value: str) -> str:
    if not value:
        return f"no {what}"
    return value if what == "commit" else f"{what} {value}"


def _is_in(folder: str, scenario: str, judged: Judged) -> bool:
    """Whether a folder of a run has the evidence of a scenario, or a bundle of it: a second bundle has a number."""
    names = "|".join(re.escape(name(scenario)) for name in (folder_name, former_folder_name))
    bundle = rf"{FAILURES}/({names})(-\d+)?"
    return folder in {EVIDENCE, FAILURES, judged.folder} or bool(re.fullmatch(bundle, folder))
