"""No secret and no canary value is in any log or row."""

import json
from collections.abc import Iterator

from harness.evidence.checks.finding import Finding
from harness.evidence.evidence import Evidence
from harness.evidence.redaction import FORMS


def no_secret(evidence: Evidence) -> Finding:
    """Judge every line of every node and every row; the finding names the secret and the place, never the value."""
    faults = [
        f"{name} is in {place}"
        for place, text in _texts(evidence)
        for name, value in evidence.secrets.items()
        if value in text
    ]
    faults += [
        f"a {name} is in {place}"
        for place, text in _lines(evidence)
        for name, form in FORMS.items()
        if form.search(text) or f"<{name}>" in text
    ]
    lines = sum(1 for _ in _lines(evidence)) if evidence.secrets else 0
    return Finding.judge(faults, seen=lines, what="log lines")


def _texts(evidence: Evidence) -> Iterator[tuple[str, str]]:
    yield from _lines(evidence)
    for table, rows in evidence.tables.items():
        for row in rows:
            yield f"a row of {table}", json.dumps(row, ensure_ascii=False)


def _lines(evidence: Evidence) -> Iterator[tuple[str, str]]:
    for part, logs in (("startup", evidence.startup), ("log", evidence.logs)):
        for node, lines in logs.items():
            for number, line in enumerate(lines, 1):
                yield f"line {number} of the {part} of {node}", line
