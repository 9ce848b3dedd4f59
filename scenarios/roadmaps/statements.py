"""docs/statements.md as data: each statement of the customer's guide, and the checks that decide it."""

import re
from dataclasses import dataclass
from pathlib import Path

from scenarios.roadmaps.application import ROOT

FILE = "docs/statements.md"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement.

    Args:
        key: its lines in the guide, or its words if it is not in the guide.
        words: its text.
        checks: that decide it: `rule:` and a rule's name, or a test by its path.
        result: of the checks.
    """

    key: str
    words: str
    checks: tuple[str, ...]
    result: str = ""


def rows(root: Path = ROOT) -> list[list[list[str]]]:
    """The cells of the document's tables: statements, lines without a claim, and further statements of the corrected guide."""
    text = (root / FILE).read_text(encoding="utf-8")
    return [
        [
            [cell.strip() for cell in line.strip("|").split(" | ")]
            for line in section.splitlines()
            if line.startswith("| ")
        ][2:]
        for section in re.split(r"^## .*$", text, flags=re.MULTILINE)[1:]
    ]


def statements(root: Path = ROOT) -> list[Statement]:
    """All statements, first those of the guide, then the further ones."""
    own, _, besides = rows(root)
    return [
        *(Statement(lines, words, _checks(cell), result) for lines, words, cell, result in own),
        *(Statement(words, words, _checks(cell)) for words, cell in besides),
    ]


def _checks(cell: str) -> tuple[str, ...]:
    return tuple(check.strip() for check in cell.split(","))
