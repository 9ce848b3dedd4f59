"""Counts how often scenarios fail when pytest-repeat plays them again and again."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from harness.plugin.promises import write_nowhere

PHASES = {"setup", "call", "teardown"}


@dataclass(slots=True)
class Plays:
    """The plays of one scenario.

    Args:
        played: times, skipped ones left out.
        failed: times that its body, set-up or teardown failed.
        why: why it failed first, as pytest shows it.
    """

    played: int = 0
    failed: int = 0
    why: str = ""


@dataclass(slots=True)
class Count:
    """A pytest plugin that counts.

    Args:
        times: that each scenario is played.
        progress: told after each play: how many are over, of how many, and how many of them failed.
        scenarios: by node id as the scenario's author knows it, without what the repetition adds.
        total: plays that were collected.
        errors: why a file could not be collected.
    """

    times: int
    progress: Callable[[int, int, int], None]
    scenarios: dict[str, Plays] = field(default_factory=dict)
    total: int = 0
    errors: list[str] = field(default_factory=list)
    _over: int = 0
    _ended: dict[str, str] = field(default_factory=dict)  # a play's node id -> its worst phase so far
    _why: dict[str, str] = field(default_factory=dict)

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        write_nowhere(config)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if session.items:  # the controller of pytest-xdist's workers collects no items itself
            self._expect([item.nodeid for item in session.items])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """A hook of pytest-xdist, whose workers collect."""
        self._expect(ids)

    def _expect(self, nodeids: list[str]) -> None:
        self.total = len(nodeids)
        for nodeid in nodeids:
            self.scenarios.setdefault(self.scenario(nodeid), Plays())

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.errors.append(report.longreprtext)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._ended[report.nodeid] = "failed"
            self._why.setdefault(report.nodeid, report.longreprtext)
            if report.when not in PHASES:  # the worker has died, and reports nothing more
                self.pytest_runtest_logfinish(report.nodeid)
        elif report.skipped or report.when == "call":
            self._ended.setdefault(report.nodeid, report.outcome)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        plays = self.scenarios[self.scenario(nodeid)]
        ended = self._ended.pop(nodeid, "skipped")
        plays.played += ended != "skipped"
        plays.failed += ended == "failed"
        plays.why = plays.why or self._why.pop(nodeid, "")
        self._over += 1
        self.progress(self._over, self.total, sum(each.failed for each in self.scenarios.values()))

    def scenario(self, nodeid: str) -> str:
        """The node id without the number of the play.

        Args:
            nodeid: of a play, such as `test_it[1-8]` or `test_it[a-1-8]`.
        """
        if self.times == 1:
            return nodeid
        numbered = re.fullmatch(rf"(.*)([\[-])\d+-{self.times}]", nodeid)
        if numbered is None:
            return nodeid
        return numbered[1] + ("]" if numbered[2] == "-" else "")
