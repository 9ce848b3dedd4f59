"""The pages that explain the scenarios of a session: each is written after its scenario, and all are listed at the end."""

from pathlib import Path

import pytest

from harness.evidence.trace.trace_file import PROMISE, write_trace
from harness.plugin.properties import TRACE
from harness.plugin.sentence import sentence_of
from harness.system.system import System


def leave_trace(item: pytest.Item, system: System, bundle: str) -> str:
    """Write the page of a scenario that failed, or of each one if that is wanted.

    Args:
        item: the scenario.
        system: it ran on.
        bundle: path of the bundle of a failed scenario, or why there is none; empty where it did not fail.

    Returns:
        The page's path, or why there is none; empty where no page was wanted.
    """
    folder = Path(bundle) if bundle else None
    if folder is None and item.config.getoption("--trace-all"):
        folder = system.evidence_folder
    if folder is None or not folder.is_dir():
        return ""
    try:
        (folder / PROMISE).write_text(sentence_of(item), encoding="utf-8")
        return str(write_trace(folder, system.judges, [work.id for work in system.running.app.works]))
    except Exception as error:  # noqa: BLE001 - it must not hide why the scenario failed
        return f"no trace was written: {type(error).__name__}: {error}"


def show_traces(reporter: pytest.TerminalReporter) -> None:
    """List the pages, each once.

    Args:
        reporter: of the session, whose own summary is over.
    """
    pages = {
        str(page): None
        for reports in reporter.stats.values()
        for report in reports
        for name, page in getattr(report, "user_properties", ())
        if name == TRACE
    }
    if pages:
        reporter.section("open in a browser, to see what happened")
    for page in pages:
        reporter.line(page)
