"""Signs off, at the end, the scenarios that a test session had to play, and their outcomes."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.base.commit import commit
from harness.base.run import RUNS
from harness.evidence.session_verdict import FAILED, PASSED, SESSIONS, SKIPPED, Played, SessionVerdict
from harness.plugin.properties import PROMISE, RUN_FOLDER, TRACE
from harness.plugin.session_page import Shown, session_page


class SignOff:
    """A pytest plugin of the process that runs the session.

    Args:
        label: for the session's name.
        folder: where to sign, once a scenario was played on a stack.
    """

    def __init__(self, label: str, folder: Path = SESSIONS) -> None:
        self.session = f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}-{label.replace(' ', '-')}"
        self._folder = folder
        self._declared: dict[str, None] = {}
        self._played: dict[str, Played] = {}
        self._shown: dict[str, Shown] = {}
        self._signed = False

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._declared |= {item.nodeid: None for item in session.items}

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """A hook of pytest-xdist, whose workers collect."""
        self._declared |= dict.fromkeys(ids)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        before = self._played.get(report.nodeid, Played(""))
        run = next(
            (Path(str(value)).name for name, value in report.user_properties if name == RUN_FOLDER), ""
        )
        if report.failed or before.outcome == FAILED:
            outcome = FAILED
        elif report.skipped or before.outcome == SKIPPED:
            outcome = SKIPPED
        else:  # a scenario that was only set up has not passed
            outcome = PASSED if report.when == "call" else before.outcome
        if outcome:
            self._played[report.nodeid] = Played(outcome, run or before.run)
        self._show(report)

    def _show(self, report: pytest.TestReport) -> None:
        """Remember the facts for its page."""
        shown = self._shown.get(report.nodeid, Shown())
        told = {name: str(value) for name, value in report.user_properties}
        why = ""
        if report.failed or report.skipped:
            crash = getattr(report.longrepr, "reprcrash", None)
            why = crash.message if crash else report.longreprtext
        self._shown[report.nodeid] = Shown(
            promise=told.get(PROMISE, shown.promise),
            seconds=shown.seconds + (report.duration if report.when == "call" else 0.0),
            page=told.get(TRACE, shown.page),
            why=shown.why or why.strip().partition("\n")[0],
        )

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        verdict = SessionVerdict(
            session=self.session, commit=commit(), declared=tuple(self._declared), played=self._played
        )
        if verdict.runs:
            verdict.sign(self._folder)
            self.page = self._folder / f"{self.session}.html"
            page = session_page(verdict, self._shown, RUNS, self._folder)
            self.page.write_text(page, encoding="utf-8", errors="backslashreplace")
            self._signed = True

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._signed:
            terminalreporter.line(f"all of it on a page: harness open, or {self.page}")
            terminalreporter.line(f"judge all of it again: harness recheck {self.session}")
