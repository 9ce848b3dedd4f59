"""Saved evidence of a run or of a whole session, judged again and compared with the signed verdict."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from harness.base.run import RUNS
from harness.evidence.checks import Judges
from harness.evidence.checks.finding import Outcome
from harness.evidence.evidence_folder import EVIDENCE, FACTS, FAILURES, IncompleteError, load, seal_of
from harness.evidence.session_verdict import SessionVerdict
from harness.evidence.signed import UnsignedError
from harness.evidence.verdict import FILE, Verdict

DEEPEST = 2  # folders between a run's and one with evidence
ANYWAY = "any is judged if you say so"
SIGNED = "verdict"  # name of the check in the output


@dataclass(frozen=True, slots=True)
class Line:
    """One check of one scenario.

    Args:
        place: the folder of evidence in the run's, or the scenario.
        check: its name.
        outcome: of it.
        facts: what decided it.
    """

    place: str
    check: str
    outcome: Outcome
    facts: str


class NoEvidenceError(Exception):
    """There is no evidence in this place."""


@dataclass(frozen=True, slots=True)
class Again:
    """Judges saved evidence.

    Args:
        judges: the application's checks.
        tables: that each evidence must have.
        wanted: properties that each run must have: `commit`, `tier`, `substrate`, or a server's name -> value.
        tiers: that the application declares; a run at another one is stale.
    """

    judges: Judges
    tables: Collection[str]
    wanted: Mapping[str, str]
    tiers: Collection[str]

    def run(self, root: Path) -> Iterator[Line]:
        """Judge a run, or a folder of it, or a bundle that was passed on by itself.

        Args:
            root: the folder.

        Raises:
            NoEvidenceError: there is none in it.
        """
        folders = sorted(path.parent for path in root.rglob(FACTS))
        run = _run_of(root)
        if not folders and not (run == root and (root / FILE).exists()):
            raise NoEvidenceError(
                f"there is no evidence in {root}: a scenario leaves it when it checks, or fails"
            )
        for folder in folders:
            yield from self._folder(folder, str(folder.relative_to(root)) if folder != root else "")
        if run is not None:
            inside = root.relative_to(run).as_posix()
            yield from self._signed_off(run, inside if root != run else "", folders)

    def session(self, verdict: SessionVerdict) -> Iterator[Line]:
        """Judge each run of a session, and compare the played scenarios with the declared ones.

        Args:
            verdict: of the session.
        """
        wanted = dict(self.wanted)
        commit = wanted.pop("commit", verdict.commit)
        if commit != verdict.commit:
            said = f"the session is of {verdict.commit or 'no commit'}, and not of {commit or 'no commit'}"
            yield Line(verdict.session, SIGNED, Outcome.UNKNOWN, f"{said}; {ANYWAY}")
        for scenario, outcome, sentence in verdict.not_green():
            yield Line(scenario, SIGNED, outcome, sentence)
        runs = replace(self, wanted=wanted)
        for name in verdict.runs:
            if name == ".." or Path(name).name != name:
                yield Line(name, SIGNED, Outcome.UNKNOWN, "it is no name of a run")
                continue
            try:
                yield from (replace(line, place=line.place or name) for line in runs.run(RUNS / name))
            except NoEvidenceError as error:
                yield Line(name, SIGNED, Outcome.UNKNOWN, str(error))
            yield from self._same(verdict, name)

    def _same(self, session: SessionVerdict, name: str) -> Iterator[Line]:
        """Report each scenario that the session says was played on a run, but that the run's verdict lacks."""
        try:
            verdict = Verdict.load(RUNS / name)
        except UnsignedError:
            return  # has been reported
        if verdict.run != name:
            yield Line(name, SIGNED, Outcome.UNKNOWN, f"its verdict is of another run, {verdict.run}")
        for sentence in verdict.unlike(commit=session.commit):
            yield Line(name, SIGNED, Outcome.UNKNOWN, f"{sentence}, as its session is")
        for scenario in sorted(scenario for scenario, one in session.played.items() if one.run == name):
            if scenario not in verdict.judged:
                yield Line(scenario, SIGNED, Outcome.UNKNOWN, f"it was played on {name}, and not judged")

    def _folder(self, folder: Path, place: str) -> Iterator[Line]:
        try:
            found = self.judges.judge(load(folder, self.tables))
        except IncompleteError as error:
            yield Line(place, "all", Outcome.UNKNOWN, str(error))
            return
        for check, finding in found.items():
            yield Line(place, check, finding.outcome, "; ".join(finding.facts))

    def _signed_off(self, run: Path, inside: str, folders: Collection[Path]) -> Iterator[Line]:
        """Objections in a run's verdict, against all of it or against the part that is asked for."""
        try:
            verdict = Verdict.load(run)
        except UnsignedError as error:
            yield Line("", SIGNED, Outcome.UNKNOWN, str(error))
            return
        verdict = verdict.of_folder(inside) if inside else verdict
        for outcome, sentence in verdict.not_green():
            yield Line("", SIGNED, outcome, sentence)
        if not inside.startswith(FAILURES):  # a bundle is kept in addition to the judged evidence
            seals = {folder.relative_to(run).as_posix(): seal_of(folder) for folder in folders}
            judged = {folder: seal for folder, seal in seals.items() if not folder.startswith(f"{FAILURES}/")}
            for sentence in verdict.lacking(judged):
                yield Line("", SIGNED, Outcome.UNKNOWN, sentence)
        for sentence in verdict.unlike(**self.wanted):
            yield Line("", SIGNED, Outcome.UNKNOWN, f"{sentence}; {ANYWAY}")
        if verdict.tier not in self.tiers:
            yield Line("", SIGNED, Outcome.UNKNOWN, f"the run is of tier {verdict.tier}, which is none now")


def _run_of(folder: Path) -> Path | None:
    """The folder of the run that a folder belongs to; None for a folder that was passed on by itself."""
    for above in [folder, *folder.absolute().parents[:DEEPEST]]:
        if (above / FILE).exists() or (above / EVIDENCE).is_dir():
            return above
    return None
