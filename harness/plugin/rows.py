"""The file of a test session's rows: JSON lines, which are kept longer than the runs."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.base.run import ROOT
from harness.plugin.properties import ROW

FOLDER = ROOT / ".harness" / "rows"


class Rows:
    """A pytest plugin of the process that runs the session.

    Args:
        label: for the file's name.
        folder: where the file is made, once there is a row to write.
    """

    def __init__(self, label: str, folder: Path = FOLDER) -> None:
        self.path = folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{label}.ndjson"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for name, row in report.user_properties:
            if name == ROW and report.when == "teardown":
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with self.path.open("a", encoding="utf-8") as file:
                    file.write(f"{row}\n")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.path.exists():
            terminalreporter.line(f"rows of the table of faults: {self.path}")
