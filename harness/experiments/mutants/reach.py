"""Which tests reach which lines, by coverage.py; kept until a source or a test changes."""

import ast
import hashlib
import json
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from harness.base.progress import Progress
from harness.experiments.mutants.declared import MARKED, Declared
from harness.experiments.mutants.mutant import Mutant
from harness.experiments.mutants.outcomes import FOLDER, OUTCOMES, SOURCES
from harness.experiments.mutants.play import NONE_COLLECTED, outcomes_in, pytest_in

PLUGIN = "harness.experiments.mutants.reaching"
LONGEST_SECONDS = 3 * 3600.0  # of all tests of a kind, once
PLAYED = {0, 1, NONE_COLLECTED}  # pytest's exit codes of a complete run
KEPT = 8  # files of former states of the sources that are kept


class NothingReachedError(Exception):
    """The tests of the unchanged project could not be played, so mutants cannot be judged."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The reach of one kind of tests.

    Args:
        seconds: node id -> that the test took, of those that passed.
        failed: tests that did not pass, and so decide nothing.
        lines: file -> line -> node ids.
        imports: file -> files that import it.
    """

    seconds: dict[str, float]
    failed: list[str]
    lines: dict[str, dict[str, list[str]]]
    imports: dict[str, list[str]] = field(default_factory=dict)

    def tests(self, mutant: Mutant) -> list[str]:
        """The tests that reach a mutant, the quickest first.

        A line that runs at import is reached by every test that reaches its file, or a file that imports it.
        """
        first, last = mutant.change.lines
        if mutant.change.at_import:
            files = [mutant.file, *self.imports.get(mutant.file, [])]
            found = {test for file in files for tests in self.lines.get(file, {}).values() for test in tests}
        else:
            lines = self.lines.get(mutant.file, {})
            found = {test for line in range(first, last + 1) for test in lines.get(str(line), [])}
        return sorted(found & self.seconds.keys(), key=lambda test: (self.seconds[test], test))

    def takes(self, tests: Iterable[str]) -> float:
        """Seconds that they usually take."""
        return sum(self.seconds[test] for test in tests)


def digest(root: Path, names: Iterable[Path]) -> str:
    """Of files, with their names."""
    told = hashlib.sha256()
    for file in sorted(set(names)):
        told.update(f"{file.relative_to(root)}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return told.hexdigest()[:16]


def reach_of(declared: Declared, kind: str, workers: int, folder: Path, progress: Progress) -> Reach:
    """The reach from the kept file, else by playing every test of a kind once.

    Args:
        declared: settings of a copy of the project that nobody changes meanwhile.
        kind: of the tests, a key of `declared.played`.
        workers: processes at once.
        folder: where it is kept.
        progress: told each step.

    Raises:
        NothingReachedError: no test passed, or they were not played to their end.
    """
    paths = declared.played[kind]
    kept = (
        folder / f"reach-{kind}-{digest(declared.root, [*declared.files(), *declared.programs(kind)])}.json"
    )
    if kept.exists():
        return Reach(**json.loads(kept.read_text(encoding="utf-8")))
    progress(f"which lines do the {kind} reach? All of them are played once")
    found = _measured(declared, paths, MARKED[kind], workers)
    progress(
        f"{len(found.seconds)} passed, in {found.takes(found.seconds):.0f} s; {len(found.failed)} decide nothing"
    )
    folder.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(asdict(found)), encoding="utf-8")
    old = sorted(folder.glob(f"reach-{kind}-*.json"), key=lambda file: file.stat().st_mtime)
    for file in old[:-KEPT]:
        file.unlink()
    return found


def _measured(declared: Declared, paths: Sequence[str], marked: str, workers: int) -> Reach:
    import coverage

    with tempfile.TemporaryDirectory(prefix="harness-reach-") as place:
        root, data = declared.root, Path(place)
        names = [file.relative_to(declared.root).as_posix() for file in declared.files()]
        variables = {
            OUTCOMES: str(data / "outcomes"),
            FOLDER: str(data),
            SOURCES: json.dumps([str(root / name) for name in names]),
        }
        spread = ["-n", str(workers), "--dist", "worksteal"] if workers > 1 and find_spec("xdist") else []
        code, said = pytest_in(
            root, [*spread, "-p", PLUGIN, "-m", marked, *paths], variables, LONGEST_SECONDS
        )
        outcomes = outcomes_in(data / "outcomes")
        passed = {name: seconds for name, (outcome, seconds) in outcomes.items() if outcome == "passed"}
        if code not in PLAYED:
            raise NothingReachedError(f"the tests of {' '.join(paths)} were not played to their end:\n{said}")
        if not passed:
            raise NothingReachedError(
                f"no test of {' '.join(paths)} passed, where nothing was changed:\n{said}"
            )
        measured = coverage.CoverageData(basename=str(data / "lines"))
        for part in data.glob("lines.*"):
            other = coverage.CoverageData(basename=str(part))
            other.read()
            measured.update(other)
        lines = {name: _contexts(measured, str(root / name)) for name in names}
    return Reach(
        passed,
        [name for name, (outcome, _) in outcomes.items() if outcome == "failed"],
        {name: contexts for name, contexts in lines.items() if contexts},
        _imports(root, names),
    )


def _contexts(measured: Any, file: str) -> dict[str, list[str]]:
    contexts = measured.contexts_by_lineno(file)
    return {str(line): sorted(filter(None, tests)) for line, tests in contexts.items() if any(tests)}


def _imports(root: Path, names: Sequence[str]) -> dict[str, list[str]]:
    """The imports among these files."""
    modules = {name.removesuffix(".py").removesuffix("/__init__").replace("/", "."): name for name in names}
    found: dict[str, list[str]] = {}
    for name in names:
        for node in ast.walk(ast.parse((root / name).read_bytes())):
            match node:
                case ast.Import():
                    imported = [alias.name for alias in node.names]
                case ast.ImportFrom(module=str(module)):
                    imported = [module, *(f"{module}.{alias.name}" for alias in node.names)]
                case _:
                    continue
            for module in imported:
                if module in modules and modules[module] != name:
                    found.setdefault(modules[module], []).append(name)
    return {name: sorted(set(by)) for name, by in found.items()}
