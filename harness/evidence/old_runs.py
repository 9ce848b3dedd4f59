"""Runs that nobody is likely to look at again."""

import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from harness.evidence.evidence_folder import FAILURES
from harness.evidence.signed import UnsignedError
from harness.evidence.verdict import FILE, Verdict


@dataclass(frozen=True, slots=True)
class OldRuns:
    """Those that may go.

    Args:
        folders: of them, the oldest first.
        kept: ids of the others.
        failed: how many of the others have a scenario that failed.
    """

    folders: tuple[Path, ...]
    kept: frozenset[str]
    failed: int

    @classmethod
    def among(cls, runs: Path, *, keep: int, failures: int, living: Collection[str]) -> Self:
        """Those of a folder of runs, whose names begin with their time.

        Args:
            runs: the folder.
            keep: how many of the newest stay, whatever came of them.
            failures: how many of the newest stay, of those in which something failed.
            living: ids of those that run, and stay.
        """
        newest = sorted((path for path in runs.iterdir() if path.is_dir()), reverse=True)
        failed = [path for path in newest if has_failed(path)]
        stay = {*newest[:keep], *failed[:failures], *(path for path in newest if path.name in living)}
        going = [path for path in reversed(newest) if path not in stay]
        return cls(tuple(going), frozenset(path.name for path in stay), len(stay & {*failed}))

    @property
    def bytes(self) -> int:
        """That they take."""
        return sum(
            path.stat().st_size
            for folder in self.folders
            for path in folder.rglob("*")
            if path.is_file() and not path.is_symlink()
        )

    def remove(self) -> None:
        """Remove them."""
        for folder in self.folders:
            shutil.rmtree(folder)


def has_failed(run: Path) -> bool:
    """Whether a scenario of a run failed, or cannot be told to have passed.

    Args:
        run: its folder.
    """
    if any((run / FAILURES).glob("*")):
        return True
    if not (run / FILE).exists():  # a stack that somebody has started to look at has no verdict
        return False
    try:
        return bool(Verdict.load(run).not_green())
    except UnsignedError:
        return True
