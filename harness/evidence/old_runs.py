"""Old runs that may be removed."""

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
    """The runs that may be removed.

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
        """The old runs among the runs of a folder, whose names begin with their time.

        Args:
            runs: the folder.
            keep: how many of the newest stay, failed or not.
            failures: how many of the newest failed ones stay.
            living: ids of those that run, and stay.
        """
        newest = sorted((path for path in runs.iterdir() if path.is_dir()), reverse=True)
        failed = [path for path in newest if has_failed(path)]
        stay = {*newest[:keep], *failed[:failures], *(path for path in newest if path.name in living)}
        going = [path for path in reversed(newest) if path not in stay]
        return cls(tuple(going), frozenset(path.name for path in stay), len(stay & {*failed}))

    @property
    def bytes(self) -> int:
        """The bytes that they take."""
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
    """Whether a scenario of a run failed, or is not known to have passed.

    Args:
        run: its folder.
    """
    if any((run / FAILURES).glob("*")):
        return True
    if not (run / FILE).exists():  # a stack that a person has started has no verdict
        return False
    try:
        return bool(Verdict.load(run).not_green())
    except UnsignedError:
        return True
