"""A project's settings for mutants: `[tool.harness.mutants]` of its pyproject.toml, and the sources of its declaration."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from harness.application import App, DeclarationError
from harness.base import project
from harness.experiments.mutants.mutant import Mutant

TABLE = "mutants"
FAST, SCENARIOS = "tests", "scenarios"
# The expressions for pytest's -m, for each of the two kinds.
MARKED = {FAST: "not e2e and not nightly", SCENARIOS: "e2e and not docker and not nightly"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """The tests to play, the sources to change, and the excused mutants.

    Args:
        root: the project's folder.
        sources: globs of what may be changed.
        tests: files and folders of tests that start nothing.
        scenarios: files and folders of tests that start servers or roles: played for mutants that the others do not kill.
        equivalent: file with the mutants that change nothing, each with its argument; empty for none.
    """

    root: Path
    sources: tuple[str, ...]
    tests: tuple[str, ...]
    scenarios: tuple[str, ...] = ()
    equivalent: str = ""

    @classmethod
    def of(cls, app: App) -> Self:
        """The settings of an application's project.

        Raises:
            DeclarationError: the settings are missing, or make no sense.
        """
        table = (project.settings(project.root()) or {}).get(TABLE, {})
        known = {FAST, SCENARIOS, "equivalent"}
        if not isinstance(table, dict) or table.keys() - known or not table.get(FAST):
            raise DeclarationError(
                f'which tests are played? [tool.harness.{TABLE}] has tests = ["tests"], and may have {SCENARIOS} and equivalent'
            )
        if not app.sources:
            raise DeclarationError(f'{app.name}: what may be changed? sources=("src/**/*.py",) of the App')
        root = project.root()
        if not app.root.is_relative_to(root):
            raise DeclarationError(f"{app.name}: its folder {app.root} is not within {root}, which is copied")
        return cls(
            root=root,
            sources=tuple((app.root.relative_to(root) / pattern).as_posix() for pattern in app.sources),
            tests=tuple(table[FAST]),
            scenarios=tuple(table.get(SCENARIOS, ())),
            equivalent=table.get("equivalent", ""),
        )

    @property
    def played(self) -> dict[str, tuple[str, ...]]:
        """The kinds of tests by name, the fast ones first."""
        return {name: paths for name, paths in ((FAST, self.tests), (SCENARIOS, self.scenarios)) if paths}

    def files(self, path: str = "") -> list[Path]:
        """The sources that may be changed: programs, and no tests.

        Args:
            path: file or folder that they are of, from the project's folder; empty for all.
        """
        within = self.root / path
        tests = [self.root / test for test in (*self.tests, *self.scenarios)]
        found = {file for pattern in self.sources for file in self.root.glob(pattern)}
        return sorted(
            file
            for file in found
            if file.suffix == ".py"
            and file.is_file()
            and file.is_relative_to(within)
            and not any(file.is_relative_to(test) for test in tests)
        )

    def programs(self, *kinds: str) -> list[Path]:
        """The files of the tests of these kinds, with the shared files in their folders.

        Args:
            kinds: of tests, keys of `played`; all of them by default.
        """
        paths = [self.root / name for kind in kinds or self.played for name in self.played[kind]]
        return [file for path in paths for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]

    def excused(self) -> list["Excused"]:
        """The mutants that change nothing.

        Raises:
            DeclarationError: the file cannot be read, or one has no argument.
        """
        if not self.equivalent:
            return []
        try:
            said = tomllib.loads((self.root / self.equivalent).read_text(encoding="utf-8"))
            return [Excused(**one) for one in said.get("equivalent", [])]
        except (OSError, ValueError, TypeError) as error:
            raise DeclarationError(f"{self.equivalent}: {error}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Excused:
    """A mutant that behaves exactly like the program.

    Args:
        file: that is changed.
        was: the line without the change, without white space around it.
        becomes: the line with it.
        why: the argument, for a reviewer.
    """

    file: str
    was: str
    becomes: str
    why: str

    def __post_init__(self) -> None:
        fields: tuple[Any, ...] = (self.file, self.was, self.why)
        if not all(isinstance(value, str) and value.strip() for value in fields):
            raise ValueError(f"an equivalent mutant needs file, was and why: {self.file!r}, {self.was!r}")

    def means(self, mutant: Mutant) -> bool:
        """Whether it excuses this mutant."""
        return self.file == mutant.file and (self.was, self.becomes) == mutant.changed
