"""Shows the failures of a test session to readers without the log: in a summary, and at the failed lines."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.base.github import annotation, in_actions, summarise
from harness.base.run import ROOT
from harness.plugin.failure import Failure
from harness.plugin.job_summary import job_summary

FOLDER = ROOT / ".harness" / "summaries"


class Failures:
    """A pytest plugin of the process that runs the session.

    Args:
        config: of the session.
        where: the substrate that it runs on.
        folder: folder for a summary, where the job has none.
    """

    def __init__(self, config: pytest.Config, where: str, folder: Path = FOLDER) -> None:
        self._root, self._cwd = config.rootpath, config.invocation_params.dir
        self._where = where
        label = where.replace(" ", "-")
        self.path = folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}-{label}.md"
        self._found: dict[tuple[str, str], Failure] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._add(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._add(report)

    def _add(self, report: "pytest.TestReport | pytest.CollectReport") -> None:
        failure = Failure.of(report, self._root, self._cwd)
        # Each worker of pytest-xdist reports the same file that cannot be imported.
        self._found.setdefault((failure.scenario, failure.phase), failure)

    def annotations(self) -> list[str]:
        """The annotations that GitHub shows at the tests; none outside GitHub."""
        return [annotation_of(failure) for failure in self._found.values()] if in_actions() else []

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self._found:
            return
        text = job_summary([*self._found.values()], self._where)
        if not summarise(text):
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self.path.write_text(text, encoding="utf-8")
            except OSError as error:  # a full disk must not hide why a scenario failed
                terminalreporter.line(f"no summary was written: {error}")
            else:
                terminalreporter.line(f"summary of what failed: {self.path}")
        for line in self.annotations():
            terminalreporter.line(line)


def annotation_of(failure: Failure) -> str:
    """The annotation for a failure, which GitHub shows at its line.

    Args:
        failure: of a test.
    """
    message = f"{failure.reason}\nscenario: {failure.scenario}"
    if failure.evidence:
        message += f"\nevidence: {failure.evidence}"
    return annotation("error", message, title=failure.promise, file=failure.file, line=failure.line)
