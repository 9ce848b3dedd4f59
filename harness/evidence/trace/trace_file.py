"""Writes the page of a scenario beside its evidence, also where a broken stack has left only a part of it."""

import json
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from harness.evidence.checks import Judges
from harness.evidence.checks.finding import Finding
from harness.evidence.evidence import Evidence
from harness.evidence.evidence_folder import JOURNAL, QUEUES, STATES, IncompleteError, load
from harness.evidence.manifest import LOG, TABLE
from harness.evidence.signed import UnsignedError
from harness.evidence.trace.form import Form
from harness.evidence.trace.moments import timeline
from harness.evidence.trace.otlp import otlp_json
from harness.evidence.trace.page import Told, trace_page
from harness.evidence.trace.perfetto import chrome_trace
from harness.evidence.trace.text import trace_text
from harness.evidence.verdict import FILE, Verdict

NAME = "trace.html"
FAILURE, BODIES = "failure.txt", "provider.ndjson"  # in a bundle
PROMISE = "promise.txt"
DEEPEST = 3  # folders between a run's and one with evidence

T = TypeVar("T")


def write_moments(folder: Path, form: Form, work_ids: Collection[str] = ()) -> Path:
    """Write the moments in a file for another tool, from the same evidence.

    Args:
        folder: of a scenario's evidence, or a bundle.
        form: of the file.
        work_ids: what the application calls the ids of its work.

    Returns:
        Its path.
    """
    try:
        evidence = load(folder)
    except IncompleteError:
        evidence = _what_there_is(folder)
    found, began = timeline(evidence, work_ids)
    told = _told(folder)
    write = chrome_trace if form is Form.PERFETTO else otlp_json
    about = {"promise": told.promise, **told.about}
    path = folder / f"trace.{form.value}.json"
    path.write_text(write(found, began, told.scenario, about), encoding="utf-8", errors="backslashreplace")
    return path


def read_text(folder: Path, judges: Judges, work_ids: Collection[str] = (), last: float | None = None) -> str:
    """What the page says, as lines for a terminal: what failed, what stands out, which checks do not hold, and every moment.

    Args:
        folder: of a scenario's evidence, or a bundle.
        judges: of the application.
        work_ids: what the application calls the ids of its work.
        last: seconds before the end whose moments are shown; all where it is None.
    """
    evidence, findings = _judged(folder, judges)
    return trace_text(evidence, findings, _told(folder), work_ids, last)


def write_trace(folder: Path, judges: Judges, work_ids: Collection[str] = ()) -> Path:
    """Write the page.

    Args:
        folder: of a scenario's evidence, or a bundle.
        judges: of the application.
        work_ids: what the application calls the ids of its work.

    Returns:
        Its path.
    """
    evidence, findings = _judged(folder, judges)
    page = trace_page(evidence, findings, _told(folder), work_ids)
    path = folder / NAME
    path.write_text(page, encoding="utf-8", errors="backslashreplace")
    return path


def _judged(folder: Path, judges: Judges) -> tuple[Evidence, Mapping[str, Finding]]:
    try:
        evidence = load(folder)
    except IncompleteError as error:
        return _what_there_is(folder), {"whole": Finding.unknown(str(error))}
    return evidence, judges.judge(evidence)


def _told(folder: Path) -> Told:
    """Facts about it from a run's verdict and a bundle's files."""
    scenario, about = folder.name, {}
    for run in folder.absolute().parents[:DEEPEST]:
        if not (run / FILE).exists():
            continue
        try:
            verdict = Verdict.load(run)
        except UnsignedError:
            break
        about = {"run": verdict.run, "commit": verdict.commit, "tier": verdict.tier}
        about |= {"substrate": verdict.substrate, **verdict.versions}
        inside = folder.absolute().relative_to(run).as_posix()
        scenario = next(iter(verdict.of_folder(inside).judged), scenario)
        break
    again = f".venv/bin/pytest '{scenario}' --substrate {about['substrate']}" if "::" in scenario else ""
    return Told(
        scenario=scenario,
        promise=_text(folder / PROMISE),
        failure=_text(folder / FAILURE),
        again=again,
        about={name: value for name, value in about.items() if value},
        bodies=_lines(folder / BODIES),
    )


def _what_there_is(folder: Path) -> Evidence:
    """The parts of the evidence that can be read."""
    logs = {path.stem: _text(path).split("\n") for path in sorted((folder / LOG).glob("*.log"))}
    tables = {path.stem: _lines(path) for path in sorted((folder / TABLE).glob("*.ndjson"))}
    return Evidence(
        journal=[record for record in _lines(folder / JOURNAL) if "kind" in record and "at" in record],
        logs=logs,
        tables=tables,
        states=_or(lambda: json.loads(_text(folder / STATES)), {}),
        waiting=_or(lambda: json.loads(_text(folder / QUEUES)), {}),
    )


def _text(path: Path) -> str:
    return _or(lambda: path.read_text(encoding="utf-8", errors="backslashreplace").strip(), "")


def _lines(path: Path) -> list[dict[str, Any]]:
    found = [_or(partial(json.loads, line), None) for line in _text(path).split("\n") if line]
    return [row for row in found if isinstance(row, dict)]


def _or(read: Callable[[], T], otherwise: T) -> T:
    try:
        return read()
    except (OSError, ValueError, RecursionError):
        return otherwise
