"""The rows of docs/security.md, as a table."""

import re
from dataclasses import dataclass

from scenarios.roadmaps.application import ROOT

DOCUMENT = "docs/security.md"
MET, NOT_MET, NOT_APPLICABLE = "met", "not met", "not applicable"
_ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]+) \|$", flags=re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Args:
        number: the standard's.
        state: `met`, `not met` or `not applicable`.
        by: node id of the test that would notice a fault, or the reason.
    """

    number: str
    state: str
    by: str


def rows() -> list[Row]:
    """All of them, in their order."""
    return [Row(*found) for found in _ROW.findall((ROOT / DOCUMENT).read_text(encoding="utf-8"))]
