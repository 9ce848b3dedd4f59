"""Checks that the test of each met row of docs/security.md notices a fault: with one statement replaced, the test must fail.

    python -m scenarios.controls            # all of them: a quarter of an hour
    python -m scenarios.controls 9.1.2      # some

Exits 0 if every test passes as it is and fails without its statement, 1 if one does not, 2 for an unknown row.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from scenarios.controls.rows import MUTANTS, Mutant
from scenarios.controls.security_rows import MET, Row, rows
from scenarios.roadmaps.application import ROOT

GREEN, RED = 0, 1  # pytest's exit codes; any other code says nothing about the product
EXITS = {GREEN: "green", RED: "red"}
LONGEST_SECONDS = 580


def copied(folder: Path) -> None:
    """Copy the files that git tracks, as they are on disk."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    (folder / ".git").mkdir(exist_ok=True)


def played(folder: Path, tests: Iterable[str]) -> int:
    """Run the tests in the copy; returns pytest's exit code."""
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        "--substrate",
        "embedded",
        *tests,
    ]
    return subprocess.run(
        words,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=LONGEST_SECONDS,
        check=False,
    ).returncode


def without(folder: Path, mutant: Mutant, test: str) -> int:
    """Run the test without the statement; returns pytest's exit code."""
    file = folder / mutant.file
    source = file.read_text(encoding="utf-8")
    if source.count(mutant.statement) != 1:
        raise ValueError(f"{mutant.file} has {source.count(mutant.statement)} times {mutant.statement!r}")
    file.write_text(source.replace(mutant.statement, mutant.instead), encoding="utf-8")
    try:
        return played(folder, [test])
    finally:
        file.write_text(source, encoding="utf-8")


def judged(chosen: Sequence[Row]) -> bool:
    """Whether each row's test passes with its statement and fails without it; prints each result at once."""
    good = True
    with tempfile.TemporaryDirectory(prefix="controls-") as made:
        folder = Path(made)
        copied(folder)
        as_it_is = {test: played(folder, [test]) for test in sorted({row.by for row in chosen})}
        for row in chosen:
            sound = as_it_is[row.by]
            mutated = without(folder, MUTANTS[row.number], row.by) if sound == GREEN else None
            good = good and (sound, mutated) == (GREEN, RED)
            said = "not played" if mutated is None else EXITS.get(mutated, f"pytest ended with {mutated}")
            print(f"{row.number:8} {EXITS.get(sound, sound)} as it is, {said} without: {row.by}", flush=True)  # noqa: T201
    return good


def main(numbers: Sequence[str]) -> int:
    """Play these rows, or all."""
    met = {row.number: row for row in rows() if row.state == MET}
    if unknown := set(numbers) - met.keys():
        print(f"no row that is met: {', '.join(sorted(unknown))}", file=sys.stderr)  # noqa: T201
        return 2
    return 0 if judged([met[number] for number in numbers or met]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
