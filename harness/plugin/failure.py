"""A failed test, described for a person who did not see it. It is made from pytest's reports, also from workers of pytest-xdist."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pytest

from harness.plugin.properties import BUNDLE, PROMISE, STACK, VIOLATED

COLOUR = re.compile(r"\x1b\[[\d;]*[A-Za-z]")
WORKSPACE = "GITHUB_WORKSPACE"  # the variable with the repository's folder in a job of GitHub
SHOWN_LINES = 40
SHOWN_CHARACTERS = 6000


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One failed phase of one test.

    Args:
        scenario: node id.
        phase: `setup`, `call`, `teardown`, or `collection`.
        promise: the test's promise.
        violated: the checks that did not hold, with their facts; empty where something else failed.
        message: of the error.
        file: path from the repository's root.
        line: the line of the test's own file that failed; 0 where it is unknown.
        last_lines: last lines of the nodes' logs; those of the error itself where there was no stack.
        evidence: path of the folder with the evidence, or why there is none; empty where there was no stack.
    """

    scenario: str
    phase: str
    promise: str
    violated: tuple[str, ...]
    message: str
    file: str
    line: int
    last_lines: str
    evidence: str

    @classmethod
    def of(cls, report: "pytest.TestReport | pytest.CollectReport", root: Path, cwd: Path) -> Self:
        """Make a failure of pytest's report.

        Args:
            report: that failed.
            root: pytest's root folder.
            cwd: where pytest was started, from which it counts paths in tracebacks.
        """
        # A report of a file that cannot be imported has no sections.
        properties = [*getattr(report, "user_properties", ())]
        values = dict(properties)
        location = getattr(report, "location", None) or (report.nodeid.partition("::")[0], None, "")
        path, text = root / location[0], COLOUR.sub("", report.longreprtext)
        line = _traced(report, path, cwd) or _said(text, path) or (location[1] or -1) + 1
        sections = dict(report.sections)
        return cls(
            scenario=report.nodeid,
            phase=getattr(report, "when", None) or "collection",
            promise=values.get(PROMISE, report.nodeid),
            violated=tuple(value for name, value in properties if name == VIOLATED),
            message=_message(report, text),
            file=_from_root(path, root),
            line=line,
            last_lines=_end(COLOUR.sub("", sections.get(STACK) or text)),
            evidence=values.get(BUNDLE, ""),
        )

    @property
    def place(self) -> str:
        """File and line."""
        return f"{self.file}:{self.line}" if self.line else self.file

    @property
    def reason(self) -> str:
        """Why it failed: the checks that did not hold, else the error."""
        return "\n".join(self.violated) or self.message


def _traced(report: "pytest.TestReport | pytest.CollectReport", path: Path, cwd: Path) -> int:
    """The last line of the test's own file on the way to the error."""
    entries = getattr(getattr(report.longrepr, "reprtraceback", None), "reprentries", ())
    places = [place for entry in entries if (place := getattr(entry, "reprfileloc", None))]
    own = [place.lineno for place in places if _same(cwd / place.path, path)]
    return int(own[-1]) if own else 0


def _said(text: str, path: Path) -> int:
    """The line that the text of an error names for a file."""
    name = re.escape(path.name)
    found = re.findall(rf"{name}(?:\", line |:)(\d+)", text)
    return int(found[-1]) if found else 0


def _same(one: Path, other: Path) -> bool:
    return os.path.normpath(one) == os.path.normpath(other) or one.resolve() == other.resolve()


def _from_root(path: Path, root: Path) -> str:
    """The path from the repository's root, as GitHub needs it: the project may be a folder of a larger repository."""
    workspace = Path(os.environ.get(WORKSPACE) or root)
    base = workspace if path.is_relative_to(workspace) else root
    return path.relative_to(base).as_posix() if path.is_relative_to(base) else path.as_posix()


def _message(report: "pytest.TestReport | pytest.CollectReport", text: str) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    said = COLOUR.sub("", crash.message) if crash else text.strip()
    return _end(said, first=True) or "nothing was said"


def _end(text: str, *, first: bool = False) -> str:
    """The part of a long text that is shown: its last lines, or its first."""
    lines = text.strip("\n").splitlines()
    kept = "\n".join(lines[:SHOWN_LINES] if first else lines[-SHOWN_LINES:])
    return kept[:SHOWN_CHARACTERS] if first else kept[-SHOWN_CHARACTERS:]
