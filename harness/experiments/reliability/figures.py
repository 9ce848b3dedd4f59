"""The figures of runs: the newest line of each scenario on each substrate, and every nemesis. They are kept beside the document."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from harness.base.run import ROOT
from harness.experiments.nemesis.summary import FILE as NEMESIS

FIGURES = ROOT / "docs" / "reliability.json"
ROWS = "*.ndjson"  # see harness.plugin.rows
KEPT = ("row", "scenario", "substrate", "tier", "passed", "faults", "lost", "doubled", "accepted")
TOLD_SINCE = ("commit", "at")  # value for old lines, which lack it
TRACES = 3  # traces of a fault that are kept, enough to see its effect


class NoFiguresError(Exception):
    """There are no figures in this place."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of all given runs.

    Args:
        rows: as harness.plugin.fault_rows makes them.
        nemesis: as harness.experiments.nemesis.summary.Summary has it.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    nemesis: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def load(cls, path: Path = FIGURES) -> Self:
        """Load the kept figures.

        Args:
            path: of the file.
        """
        return cls(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else cls()

    @classmethod
    def of(cls, places: Iterable[Path]) -> Self:
        """Read the figures of runs.

        Args:
            places: files of rows, folders with such files, and folders of nemesis runs or that hold some.

        Raises:
            NoFiguresError: there are none in one of them; says in which.
        """
        rows: dict[tuple[str, str], dict[str, Any]] = {}
        nemesis: dict[str, dict[str, Any]] = {}
        for place in places:
            lines, runs = _files(place, ROWS), _files(place, NEMESIS)
            found = [
                json.loads(line) for file in lines for line in file.read_text("utf-8").split("\n") if line
            ]
            found = [row for row in found if KEPT[0] in row]  # a journal has the same ending
            if not found and not runs:
                raise NoFiguresError(f"{place} has neither rows of the table nor a nemesis")
            for row in found:
                key = row["scenario"], row["substrate"]
                if key not in rows or row.get("at", "") >= rows[key].get("at", ""):
                    rows[key] = _kept(row)
            for run in (json.loads(file.read_text("utf-8")) for file in runs):
                nemesis[run["run"]] = {name: value for name, value in run.items() if name != "faults"}
        return cls([rows[key] for key in sorted(rows)], [nemesis[run] for run in sorted(nemesis)])

    def save(self, path: Path = FIGURES) -> None:
        """Keep them.

        Args:
            path: of the file.
        """
        path.write_text(
            json.dumps({"rows": self.rows, "nemesis": self.nemesis}, indent=1, ensure_ascii=False) + "\n",
            encoding="utf-8",
        )

    def of_row(self, number: int) -> list[dict[str, Any]]:
        """The lines of one row of the table."""
        return [row for row in self.rows if row["row"] == number]


def _files(place: Path, pattern: str) -> list[Path]:
    """The files in the order of their names, which begin with a date. If lines have times, these decide which is newer."""
    if place.is_file():
        return [place] if place.match(pattern) else []
    return sorted(place.rglob(pattern))


def _kept(row: dict[str, Any]) -> dict[str, Any]:
    faults = [fault | {"traces": list(dict.fromkeys(fault["traces"]))[:TRACES]} for fault in row["faults"]]
    told = {name: row[name] for name in TOLD_SINCE if name in row}
    return {name: row[name] for name in KEPT} | told | {"faults": faults}
