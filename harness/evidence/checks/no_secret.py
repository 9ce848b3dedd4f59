"""No secret and no canary value is in any log or row."""

import json
from collections.abc import Iterator

from harness.evidence.checks.check import needs
from harness.evidence.checks.finding import Finding
from harness.evidence.evidence import Evidence
from harness.evidence.manifest import LOG, STARTUP, TABLE
from harness.evidence.redaction import FORMS, HASH, secret_forms


@needs("logs/*", "startup/*", "database/*")
def no_secret(evidence: Evidence) -> Finding:
    """Judge every line of every node and every row; the finding names the secret and the place, never the value.

    In what was kept a name stands in a secret's place; how many such names were put there the manifest knows, so a text that
    looks like one is none.
    """
    values = {form: name for name, value in evidence.secrets.items() for form in secret_forms(value)}
    faults: dict[str, None] = {}
    seen = 0
    for part, place, text in _texts(evidence):
        seen += 1
        for form, name in values.items():
            if form in text and not (form == f"<{name}>" and not _put_there(evidence, part, name)):
                faults[f"{name} is in {place}"] = None
        for name, pattern in FORMS.items():
            if part.startswith(f"{TABLE}/") and name == HASH:
                continue  # that is where it belongs
            if pattern.search(text) or (f"<{name}>" in text and _put_there(evidence, part, name)):
                faults[f"a {name} is in {place}"] = None
    if not evidence.secrets and not faults:
        return Finding.unknown("there were no secrets to look for")
    return Finding.judge(list(faults), seen=seen, what="log lines and rows")


def _put_there(evidence: Evidence, part: str, name: str) -> bool:
    """Whether a secret's name stands for it in what was kept; runs of before do not say."""
    return evidence.manifest is None or bool(
        part in evidence.manifest and evidence.manifest[part].redacted.get(name)
    )


def _texts(evidence: Evidence) -> Iterator[tuple[str, str, str]]:
    for part, shown, logs in ((STARTUP, "startup", evidence.startup), (LOG, "log", evidence.logs)):
        for node, lines in logs.items():
            for number, line in enumerate(lines, 1):
                yield f"{part}/{node}", f"line {number} of the {shown} of {node}", line
    for table, rows in evidence.tables.items():
        for row in rows:
            yield f"{TABLE}/{table}", f"a row of {table}", json.dumps(row, ensure_ascii=False)
