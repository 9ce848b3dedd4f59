"""A copy of the project, in which mutants are made without changing the project."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.experiments.mutants.mutant import Mutant

UNWANTED = shutil.ignore_patterns(".git", ".venv", ".harness", "__pycache__", ".*_cache", "*.egg-info")
GIT_SECONDS = 60.0


class Copied:
    """One copy.

    Args:
        original: the project's folder.
        root: where the copy is made.
    """

    def __init__(self, original: Path, root: Path) -> None:
        self.root = root
        self._at = 0
        self.made: Mutant | None = None
        names = kept_by_git(original)
        if names is None:
            shutil.copytree(original, root, ignore=UNWANTED, symlinks=True)
            return
        for name in names:
            if (original / name).is_file():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(original / name, root / name)

    @contextmanager
    def with_(self, mutant: Mutant) -> Iterator[None]:
        """The copy with a mutant."""
        self._write(mutant.file, mutant.mutated)
        self.made = mutant
        try:
            yield
        finally:
            self._write(mutant.file, mutant.source)
            self.made = None

    def _write(self, file: str, source: bytes) -> None:
        """Write it with a later time, in whole seconds: Python compares time and size to decide whether its compiled file is current."""
        path = self.root / file
        path.write_bytes(source)
        self._at = max(self._at, int(path.stat().st_mtime)) + 1
        os.utime(path, (self._at, self._at))


def kept_by_git(root: Path) -> list[str] | None:
    """The files of a folder that git keeps or would keep; None where it is no git repository."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=root,
            capture_output=True,
            timeout=GIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return (
        [*filter(None, listed.stdout.decode().split("\0"))]
        if listed.returncode == 0 and listed.stdout
        else None
    )
