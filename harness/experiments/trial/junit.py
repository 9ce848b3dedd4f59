"""The rows as JUnit tests, for a CI server."""

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from harness.evidence.checks.finding import Outcome
from harness.experiments.trial.row import Row


def write(path: Path, name: str, rows: Sequence[Row]) -> None:
    """Write them. An unknown row is an error, because it is no pass.

    Args:
        path: of the file.
        name: of the application.
        rows: of its table.
    """
    counted = {kind: sum(row.outcome is kind for row in rows) for kind in Outcome}
    suite = ET.Element(
        "testsuite",
        name=name,
        tests=str(len(rows)),
        failures=str(counted[Outcome.VIOLATED]),
        errors=str(counted[Outcome.UNKNOWN]),
    )
    for row in rows:
        case = ET.SubElement(
            suite,
            "testcase",
            classname=f"{name}.{row.work or 'application'}",
            name=row.promise,
            time=f"{row.seconds:.1f}",
        )
        if not row.outcome.good:
            kind = "failure" if row.outcome is Outcome.VIOLATED else "error"
            found = ET.SubElement(case, kind, message=row.evidence)
            found.text = f"{row.sentence}\nagain: {row.again}\nmend: {row.mend}"
    path.parent.mkdir(parents=True, exist_ok=True)
    ET.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)
