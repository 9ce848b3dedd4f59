"""Evidence as files: what a check looked at, without a secret in it, so that it can be judged again or passed on."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.evidence.evidence import Evidence, Row
from harness.evidence.redaction import Redactor

JOURNAL, QUEUES, FACTS, STATES = "journal.ndjson", "queues.json", "evidence.json", "states.json"
DATABASE, LOGS, STARTUP = "database", "logs", "startup"
# In a run's folder, a folder for each scenario that was checked, or failed.
EVIDENCE, FAILURES = (
    "evidence",
    "failures",
)
MISSING = "missing.txt"  # what a bundle could not gather


LONGEST_NAME = 100  # characters; file systems take 255 bytes


class IncompleteError(Exception):
    """Something that decides is not there, so nothing can be said."""


class EvidenceFolder:
    """Writes what there is of the evidence, each part on its own: a broken stack may lack any of them.

    Args:
        folder: to write into.
        redactor: puts a secret's name in its place. Where a log showed one, the name is what a later judge finds.
    """

    def __init__(self, folder: Path, redactor: Redactor) -> None:
        self.folder = folder
        self._redactor = redactor

    def save(self, evidence: Evidence) -> None:
        """All of it."""
        self.facts(evidence)
        self.lines(JOURNAL, evidence.journal)
        self.document(QUEUES, evidence.waiting)
        self.document(STATES, evidence.states)
        self.tables(evidence.tables)
        self.logs(evidence.logs, evidence.startup)

    def tables(self, tables: Mapping[str, Sequence[Row]]) -> None:
        """A file for each table."""
        for table, rows in tables.items():
            self.lines(f"{DATABASE}/{table}.ndjson", rows)

    def logs(self, logs: Mapping[str, Sequence[str]], startup: Mapping[str, Sequence[str]]) -> None:
        """A file for each node's part in the scenario, and for what a role wrote before the first one."""
        for part, written in ((LOGS, logs), (STARTUP, startup)):
            for node, lines in written.items():
                self.write(f"{part}/{node}.log", "".join(f"{line}\n" for line in lines))

    def facts(self, evidence: Evidence) -> None:
        """What is neither journal nor database nor log. Of the secrets only the names."""
        self.document(
            FACTS,
            {
                "secrets": sorted(evidence.secrets),
                "expected_errors": evidence.expected_errors,
                "not_judged": evidence.not_judged,
                **evidence.facts,
            },
        )

    def document(self, name: str, content: Mapping[str, Any]) -> None:
        """A file of JSON."""
        self.write(name, json.dumps(content, indent=2, default=str))

    def lines(self, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """A file of JSON lines."""
        self.write(name, "".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows))

    def write(self, name: str, text: str) -> None:
        """A file of text."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._redactor.clean(text), encoding="utf-8", errors="backslashreplace")


def folder_name(scenario: str) -> str:
    """Of a scenario's evidence.

    Args:
        scenario: its node id.
    """
    return re.sub(r"[^\w.-]+", "-", scenario).strip("-")[-LONGEST_NAME:]


def load(folder: Path, tables: Iterable[str] = ()) -> Evidence:
    """The evidence that was saved in a folder.

    Args:
        folder: of a scenario, or a bundle.
        tables: that must be there.

    Raises:
        IncompleteError: a part is missing; says which.
    """
    if (folder / MISSING).exists():
        raise IncompleteError((folder / MISSING).read_text(encoding="utf-8").strip())
    try:
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        rows = {path.stem: _lines(path) for path in sorted((folder / DATABASE).glob("*.ndjson"))}
        if missing := [table for table in tables if table not in rows]:
            raise IncompleteError(f"the rows of {', '.join(missing)} are missing")
        return Evidence(
            journal=_lines(folder / JOURNAL),
            waiting=json.loads((folder / QUEUES).read_text(encoding="utf-8")),
            logs=_logs(folder / LOGS),
            startup=_logs(folder / STARTUP),
            secrets={name: f"<{name}>" for name in facts.pop("secrets")},
            expected_errors=facts.pop("expected_errors"),
            not_judged=facts.pop("not_judged"),
            facts=facts,
            tables=rows,
            states=_states(folder / STATES),
        )
    except (OSError, ValueError, KeyError) as error:
        raise IncompleteError(f"{type(error).__name__}: {error}") from None


def _states(path: Path) -> dict[str, dict[str, str | None]]:
    """None in evidence of before they were kept."""
    found: dict[str, dict[str, str | None]] = (
        json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    )
    return found


def _lines(path: Path) -> list[Row]:
    # Not splitlines(): JSON may hold U+2028 and its like as they are, and they end no line.
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def _logs(folder: Path) -> dict[str, list[str]]:
    return {
        path.stem: [line for line in path.read_text(encoding="utf-8").split("\n") if line]
        for path in sorted(folder.glob("*.log"))
    }
