"""A pytest plugin that lets coverage.py record which test reaches which line: each test is a context of its own.

Loaded with -p, so before any conftest.py and all that those import. A line that runs at import belongs to no test.
"""

import json
import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import coverage
import pytest

from harness.experiments.mutants.outcomes import FOLDER, SOURCES

_measured = coverage.Coverage(
    data_file=str(Path(os.environ[FOLDER]) / "lines"),
    data_suffix=True,
    config_file=False,
    include=json.loads(os.environ[SOURCES]),
    concurrency=["thread", *(["greenlet"] if find_spec("greenlet") else [])],
    messages=False,
)
_measured.start()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Record a test from its set-up to its teardown."""
    _measured.switch_context(item.nodeid)
    try:
        return (yield)
    finally:
        _measured.switch_context("")


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Write it all down."""
    _measured.stop()
    _measured.save()
