"""Falsehoods, one for each statement of docs/statements.md: played, its check turns red, else it decides nothing.

Usage, for example: python -m scenarios.roadmaps.mutants fast, or: python -m scenarios.roadmaps.mutants stack --only redis

`rule` plays what rules of the audit decide, `fast` what tests without servers do, `stack` what costs a running stack. Each is played in a copy
of the repository. Exits 1 where a check stays green, 3 where one could not be played, such as one that is red without any falsehood.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

import typer

from scenarios.roadmaps.application import ROOT

FILE = Path(__file__).with_name("mutants.toml")
RULE, FAST, STACK = KINDS = ("rule", "fast", "stack")
HOLDS, VIOLATED, USAGE, UNKNOWN = range(4)  # how this command ends, as all of the harness do
GREEN, RED = 0, 1  # pytest's exit codes; any other says that it judged nothing
PLAY_SECONDS = 300  # of one check, on a busy machine


@dataclass(frozen=True, slots=True)
class Mutant:
    """One falsehood.

    Args:
        key: of its statement.
        file: that is changed, from the repository's root.
        old: what is replaced in it; empty for a file that there is not.
        new: what takes its place.
        check: that must turn red.
        encoding: in which the file is written then.
    """

    key: str
    file: str
    old: str
    new: str
    check: str
    encoding: str = "utf-8"

    @property
    def kind(self) -> str:
        """Which of KINDS plays it: a scenario needs a stack, and says so by the folder that it lies in."""
        if self.check.startswith("rule:"):
            return RULE
        path = self.check.partition("::")[0]
        needs = path.startswith("scenarios/") and not path.startswith("scenarios/roadmaps/tests/")
        return STACK if needs or path.endswith("test_live.py") else FAST

    def apply(self, root: Path) -> None:
        """Make it so in a copy of the repository.

        Raises:
            LookupError: there is nothing to replace.
        """
        path = root / self.file
        if not self.old:
            path.write_text(self.new, encoding="utf-8")
            return
        text = path.read_text(encoding="utf-8")
        if self.old not in text:
            raise LookupError(f"{self.file} has no {self.old!r}")
        path.write_text(text.replace(self.old, self.new), encoding=self.encoding)

    def red_before(self, root: Path) -> str:
        """Why its check would prove nothing: it is not green without the falsehood. Empty where it is.

        Args:
            root: of a copy in which it has not been applied.
        """
        if self.kind == RULE:
            return ""  # which a fast test holds: what is declared breaks no rule
        code, said = played(root, self.check)
        return "" if code == GREEN else f"pytest ended with {code} without the falsehood: {said}"

    def survives(self, root: Path) -> str:
        """Why its check is not red in a copy in which it has been applied; empty where it is, as it should.

        Args:
            root: of the copy.
        """
        if self.kind == RULE:
            red = broken(root)
            return "" if red == {self.check} else f"red: {', '.join(sorted(red)) or 'nothing'}"
        code, said = played(root, self.check)
        return "" if code == RED else f"pytest ended with {code}: {said}"


def mutants() -> list[Mutant]:
    """All of them."""
    with FILE.open("rb") as file:
        return [Mutant(key, **said) for key, said in tomllib.load(file).items()]


def copied(root: Path) -> None:
    """Everything of the repository that is kept, into a folder."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            target = root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)


def broken(root: Path) -> set[str]:
    """The rules that a copy breaks, as checks."""
    command = [
        str(Path(sys.executable).with_name("harness")),
        "audit",
        "--root",
        str(root),
        "--format",
        "json",
    ]
    ended = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=PLAY_SECONDS, check=False
    )
    return {f"rule:{breach['rule']}" for breach in json.loads(ended.stdout)}


def played(root: Path, check: str) -> tuple[int, str]:
    """Exit code and last line of pytest for a check in a copy.

    Args:
        root: of the copy.
        check: a test by its path.
    """
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-n0",
        "-p",
        "no:cacheprovider",
        "--substrate",
        "embedded",
    ]
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "HARNESS_"))}
    try:
        ended = subprocess.run(
            [*command, check],
            cwd=root,
            env=own | {"PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            timeout=PLAY_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return -1, f"not within {PLAY_SECONDS} s"
    return ended.returncode, (ended.stdout.strip().splitlines() or [ended.stderr.strip()[-200:]])[-1]


def main() -> int:
    """See the module's first words."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--only", default="", help="a word of the check")
    given = parser.parse_args()
    chosen = [one for one in mutants() if one.kind == given.kind and given.only in one.check]
    if not chosen:
        typer.echo("no falsehood is of this kind", err=True)
        return USAGE
    worst = HOLDS
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        truth = Path(folder) / "truth"
        copied(truth)
        for one in chosen:
            root = Path(folder) / "falsehood"
            shutil.copytree(truth, root)
            why = one.red_before(root)
            unplayed = bool(why)
            if not unplayed:
                one.apply(root)
                why = one.survives(root)
            said = "is not played" if unplayed else "survives" if why else "red"
            typer.echo(f"{said}  {one.check}  {why}".rstrip())
            worst = max(worst, UNKNOWN if unplayed else VIOLATED if why else HOLDS)
            shutil.rmtree(root)
    return worst


if __name__ == "__main__":
    sys.exit(main())
