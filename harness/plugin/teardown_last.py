"""Shows errors of a failed scenario's teardown after the failure itself: read first, they would mislead."""

from collections.abc import Generator

import pytest

ERROR = "error"


class TeardownLast:
    """A pytest plugin of the process that runs the session."""

    @pytest.hookimpl(wrapper=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> Generator[None]:
        """Hold these errors back, because pytest would print them before the failures."""
        failed = {report.nodeid for report in terminalreporter.getreports("failed")}
        errors = terminalreporter.stats.get(ERROR, [])
        later = [
            report
            for report in errors
            if getattr(report, "when", "") == "teardown" and report.nodeid in failed
        ]
        if not later:
            yield
            return
        terminalreporter.stats[ERROR] = [report for report in errors if report not in later]
        yield
        terminalreporter.stats[ERROR] = errors  # they still count
        terminalreporter.section("what the teardown found after that")
        for report in later:
            terminalreporter.write_sep("_", f"teardown of {report.location[2]}")
            report.toterminal(terminalreporter._tw)  # noqa: SLF001 - there is no other way to a report's colours
