"""The page of a part of a run that is too large to show whole: a window of a nemesis, or a load run."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from harness.base.logs import LogLine
from harness.evidence.checks.finding import Finding
from harness.evidence.evidence import Evidence
from harness.evidence.redaction import Redactor
from harness.evidence.trace.moments import wall_of
from harness.evidence.trace.page import Told, trace_page
from harness.evidence.windows import AFTER_SECONDS

BEFORE_SECONDS = 2.0
MOST_LINES = 3000  # lines of a node: the first and the last ones are kept


def during(evidence: Evidence, began: float, ended: float) -> Evidence:
    """The evidence of a window, with a little before it and the time after it in which its effects may show.

    Args:
        evidence: of the whole run.
        began: seconds on the journal's clock.
        ended: likewise.
    """
    since, until = began - BEFORE_SECONDS, ended + AFTER_SECONDS
    wall = wall_of(evidence)
    logs = {node: _lines(lines, since + wall, until + wall) for node, lines in evidence.logs.items()}
    journal = [record for record in evidence.journal if since <= float(record["at"]) <= until]
    seen = {str(value) for record in journal for value in record.values()}
    states = {
        name: {identity: state for identity, state in found.items() if identity in seen}
        for name, found in evidence.states.items()
    }
    return replace(evidence, journal=journal, logs=logs, states=states, tables={}, startup={})


def bounded(evidence: Evidence, most: int = MOST_LINES) -> Evidence:
    """The evidence with at most so many lines of each node.

    Args:
        evidence: of a run.
        most: lines.
    """
    half = most // 2
    logs = {
        node: list(lines) if len(lines) <= most else [*lines[:half], *lines[-half:]]
        for node, lines in evidence.logs.items()
    }
    return replace(evidence, logs=logs)


def write_part(
    path: Path,
    evidence: Evidence,
    told: Told,
    findings: Mapping[str, Finding],
    work_ids: Collection[str] = (),
    redactor: Redactor | None = None,
) -> Path:
    """Write the page.

    Args:
        path: of it.
        evidence: of the part.
        told: of it, for a person.
        findings: of the whole run's checks.
        work_ids: what the application calls the ids of its work.
        redactor: for evidence that was not saved before, so that it may still hold secrets.

    Returns:
        Its path.
    """
    page = trace_page(bounded(evidence), findings, told, work_ids)
    if redactor is not None:
        page, _ = redactor.cleaned(page)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8", errors="backslashreplace")
    return path


def _lines(lines: Collection[str], since: float, until: float) -> list[str]:
    """The lines that were written in that time; a line without a time belongs to the line before it."""
    kept, inside = [], False
    for text in lines:
        told = LogLine.parse(text).fields.get("time")
        with suppress(ValueError):
            inside = (
                since <= datetime.fromisoformat(told).timestamp() <= until
                if isinstance(told, str)
                else inside
            )
        if inside:
            kept.append(text)
    return kept
