"""A pytest plugin that plays chosen tests in order, and records how each ended.

Loaded with -p in the project's own interpreter, from a copy of it.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

CHOSEN = "HARNESS_CHOSEN"  # file with node ids, as JSON; without it, all
OUTCOMES = "HARNESS_OUTCOMES"  # file that gets a line for each test: node id, outcome, seconds
FOLDER = "HARNESS_REACH"  # where reaching.py writes which lines are reached
SOURCES = "HARNESS_REACH_SOURCES"  # the files whose lines it is asked for, as JSON


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests that were not chosen."""
    if CHOSEN not in os.environ:
        return
    wanted = {
        name: place for place, name in enumerate(json.loads(Path(os.environ[CHOSEN]).read_text("utf-8")))
    }
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in wanted])
    items[:] = sorted((item for item in items if item.nodeid in wanted), key=lambda item: wanted[item.nodeid])


class Outcomes:
    """Keeps what is reported, in the process that reports."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seconds: dict[str, float] = {}
        self._worst: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Record each phase; a test that failed in any phase has failed, and a skipped one is no pass."""
        name = report.nodeid
        self._seconds[name] = self._seconds.get(name, 0.0) + report.duration
        if report.outcome != "passed" and self._worst.get(name) != "failed":
            self._worst[name] = report.outcome
        if report.when == "teardown":
            line = [name, self._worst.get(name, "passed"), round(self._seconds[name], 4)]
            with self._path.open("a", encoding="utf-8") as file:
                file.write(f"{json.dumps(line)}\n")


def pytest_configure(config: pytest.Config) -> None:
    """Register only in the process that counts the tests, not in its workers."""
    if OUTCOMES in os.environ and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Outcomes(Path(os.environ[OUTCOMES])), "harness-outcomes")
