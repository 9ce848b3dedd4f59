"""Falsehoods, one for each statement of docs/statements.md: with it the statement's check must fail, otherwise the check proves nothing.

Usage, for example: python -m scenarios.roadmaps.mutants fast, or: python -m scenarios.roadmaps.mutants stack --only redis

`rule` plays the falsehoods for audit rules, `fast` those for tests without servers, `stack` those that need a running stack. Each is played
in a copy of the repository. Exits 1 if a check stays green, 3 if one could not be played, such as one that fails without any falsehood.
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
HOLDS, VIOLATED, USAGE, UNKNOWN = range(4)  # exit codes, the same as of all commands of the harness
GREEN, RED = 0, 1  # pytest's exit codes; any other code means that it judged nothing
PLAY_SECONDS = 300  # for one check, on a busy machine


@dataclass(frozen=True, slots=True)
class Mutant:
    """One falsehood.

    Args:
        key: of its statement.
        file: that is changed, from the repository's root.
        old: the text to replace; empty for a new file.
        new: the replacement.
        check: that must fail.
        encoding: for writing the file.
    """

    key: str
    file: str
    old: str
    new: str
    check: str
    encoding: str = "utf-8"

    @property
    def kind(self) -> str:
        """The one of KINDS that plays it: a scenario needs a stack, which its folder tells."""
        if self.check.startswith("rule:"):
            return RULE
        path = self.check.partition("::")[0]
        needs = path.startswith("scenarios/") and not path.startswith("scenarios/roadmaps/tests/")
        return STACK if needs or path.endswith("test_live.py") else FAST

    def apply(self, root: Path) -> None:
        """Apply the falsehood to a copy of the repository.

        Raises:
            LookupError: the text is not there.
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
        """Why its check would prove nothing, because it already fails without the falsehood; empty if it passes.

        Args:
            root: of a copy without the falsehood.
        """
        if self.kind == RULE:
            return ""  # a fast test already proves that the declaration breaks no rule
        code, said = played(root, self.check)
        return "" if code == GREEN else f"pytest ended with {code} without the falsehood: {said}"

    def survives(self, root: Path) -> str:
        """Why its check does not fail in a copy with the falsehood; empty if it fails, as it should.

        Args:
            root: of the copy.
        """
        if self.kind == RULE:
            red = broken(root)
            return "" if red == {self.check} else f"red: {', '.join(sorted(red)) or 'nothing'}"
        code, said = played(root, self.check)
        return "" if code == RED else f"pytest ended with {code}: {said}"


def mutants() -> list[Mutant]:
    """All falsehoods."""
    with FILE.open("rb") as file:
        return [Mutant(key, **said) for key, said in tomllib.load(file).items()]


def copied(root: Path) -> None:
    """Copy all versioned files of the repository into a folder."""
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
    """The checks of the rules that a copy breaks."""
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
    """Run a check in a copy; returns pytest's exit code and last line.

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
    """See the module's docstring."""
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
