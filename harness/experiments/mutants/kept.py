"""The results of mutants, a line for each, so that a campaign can be interrupted, continued, and divided among several processes."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path


class Fate(StrEnum):
    """The result of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    TIMED_OUT = "timed out"
    """Its tests took many times as long as they do: no kill, for nobody said that anything is wrong."""
    UNSTABLE = "unstable"
    """The unchanged program does not pass the same tests either: nothing can be said of this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The result of one mutant.

    Args:
        id: of it.
        fate: what became of it.
        by: the test that killed it; empty where no test could be collected any more, and where nothing killed it.
        tests: how many were played, or would have been.
        digest: of what the result depends on: it holds as long as that is the same.
        confirmed: whether the unchanged program has passed the same tests afterwards.
    """

    id: str
    fate: Fate
    by: str = ""
    tests: int = 0
    digest: str = ""
    confirmed: bool = True


class Kept:
    """A file of results; the last one of each mutant holds.

    Args:
        file: that is written to.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def results(self) -> dict[str, Result]:
        """The results by the mutants' ids. A line that was cut off in the middle is ignored."""
        found: dict[str, Result] = {}
        lines = self._file.read_text(encoding="utf-8").splitlines() if self._file.exists() else []
        for line in lines:
            try:
                said = json.loads(line)
                result = Result(**{**said, "fate": Fate(said["fate"])})
            except (ValueError, TypeError, KeyError):
                continue
            found[result.id] = result
        return found

    def add(self, result: Result) -> None:
        """Add a result."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(asdict(result), ensure_ascii=False)}\n")

    def confirm(self, results: Iterable[Result], *, stable: bool) -> list[Result]:
        """Keep that the unchanged program has passed the tests of these afterwards, or has not."""
        said = [replace(one, confirmed=True, fate=one.fate if stable else Fate.UNSTABLE) for one in results]
        for one in said:
            self.add(one)
        return said
