"""Evidence as files, without secrets, so that it can be judged again or passed on."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TypeVar

from harness.evidence.evidence import Evidence, Row
from harness.evidence.excuse import Excuse
from harness.evidence.manifest import LOG as LOGS
from harness.evidence.manifest import QUEUES as QUEUES_PART
from harness.evidence.manifest import RECORDS, STARTUP, Part, State
from harness.evidence.manifest import STATES as STATES_PART
from harness.evidence.manifest import TABLE as DATABASE
from harness.evidence.redaction import Redactor
from harness.evidence.whole import manifest_of

JOURNAL, QUEUES, FACTS, STATES = "journal.ndjson", "queues.json", "evidence.json", "states.json"
MANIFEST = "manifest.json"  # written last
# Folders in a run's folder, with a folder for each scenario that was judged, or failed.
EVIDENCE, FAILURES = (
    "evidence",
    "failures",
)
MISSING = "missing.txt"  # list of the things that a bundle could not gather


T = TypeVar("T")
ENCODER = json.JSONEncoder(ensure_ascii=False, default=str)
LONGEST_NAME = 100  # characters; file systems take 255 bytes


class IncompleteError(Exception):
    """A necessary part of the evidence is missing, so it cannot be judged."""


class EvidenceFolder:
    """Writes the evidence, each part on its own: of a broken stack any part may be missing.

    Args:
        folder: to write into.
        redactor: replaces a secret by its name. Where a log shows a secret, a later judge finds the name.
    """

    def __init__(self, folder: Path, redactor: Redactor) -> None:
        self.folder = folder
        self._redactor = redactor
        self._written: dict[str, str] = {}  # file -> digest of its content
        self._redacted: dict[str, dict[str, int]] = {}

    def save(self, evidence: Evidence) -> None:
        """Write all parts, and then the manifest."""
        self.facts(evidence)
        self.lines(JOURNAL, evidence.journal)
        self.document(QUEUES, evidence.waiting)
        self.document(STATES, evidence.states)
        self.tables(evidence.tables)
        self.logs(evidence.logs, evidence.startup)
        self.manifest(evidence)

    def manifest(self, evidence: Evidence) -> None:
        """Write the manifest: the parts that should be kept, and a digest of each file, which shows that nothing was cut."""
        parts = evidence.manifest if evidence.manifest is not None else manifest_of(evidence)
        told = {
            name: asdict(replace(part, redacted=self._redacted.get(file_of(name), {})))
            for name, part in parts.items()
        }
        # On one line: in a file of many lines, nobody would see that a line is there twice.
        self.write(MANIFEST, json.dumps({"parts": told, "files": dict(self._written)}))

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
        """Write the rest of the evidence; of secrets only the names."""
        self.document(
            FACTS,
            {
                "secrets": sorted(evidence.secrets),
                "expected_errors": [asdict(excuse) for excuse in evidence.expected_errors],
                "violated": evidence.violated,
                **evidence.facts,
            },
        )

    def document(self, name: str, content: Mapping[str, Any]) -> None:
        """A file of JSON."""
        self.write(name, json.dumps(content, indent=2, default=str))

    def lines(self, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """A file of JSON lines."""
        self.write(name, "".join(f"{ENCODER.encode(row)}\n" for row in rows))

    def write(self, name: str, text: str) -> None:
        """A file of text."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cleaned, self._redacted[name] = self._redactor.cleaned(text)
        written = cleaned.encode("utf-8", errors="backslashreplace")
        self._written[name] = _digest(written)
        path.write_bytes(written)


def file_of(part: str) -> str:
    """The file of a part of the evidence.

    Args:
        part: its name in the manifest.
    """
    room, _, _ = part.partition("/")
    if room in {LOGS, STARTUP}:
        return f"{part}.log"
    if room == DATABASE:
        return f"{part}.ndjson"
    return {RECORDS: JOURNAL, STATES_PART: STATES, QUEUES_PART: QUEUES}.get(room, room)


def _digest(written: bytes) -> str:
    return hashlib.blake2b(written, digest_size=16).hexdigest()  # no secret of a stack is so short


def seal_of(folder: Path) -> str:
    """A digest of its manifest, and so of every file listed there; empty where there is no manifest.

    Args:
        folder: of a scenario's evidence.
    """
    path = folder / MANIFEST
    return _digest(path.read_bytes()) if path.is_file() else ""


def folder_name(scenario: str) -> str:
    """The name of the folder for a scenario's evidence, different for each scenario.

    Args:
        scenario: its node id.
    """
    name = _plain(scenario)
    if len(name) <= LONGEST_NAME and re.fullmatch(r"[\w./:-]+(\[[\w.-]+\])?", scenario):
        return name
    folders, _, own = scenario.partition("::")[0].rpartition("/")
    # The name of the file says more than its folder.
    short = _plain(scenario.removeprefix(f"{folders}/")) if own else name
    return f"{short[:LONGEST_NAME].rstrip('-')}-{_digest(scenario.encode())[:8]}"


def former_folder_name(scenario: str) -> str:
    """The folder's name in old runs: long names were cut at the front.

    Args:
        scenario: its node id.
    """
    name = _plain(scenario)
    return f"{name[-LONGEST_NAME:].lstrip('-')}-{_digest(scenario.encode())[:8]}"


def _plain(text: str) -> str:
    return re.sub(r"[^\w.-]+", "-", text).strip("-")


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
    facts = _read(folder, FACTS, _document)
    rows = {
        path.stem: _read(folder, f"{DATABASE}/{path.name}", _lines)
        for path in sorted((folder / DATABASE).glob("*.ndjson"))
    }
    if missing := [table for table in tables if table not in rows]:
        raise IncompleteError(f"the rows of {', '.join(missing)} are missing: {DATABASE}/{missing[0]}")
    try:
        facts.pop("not_judged", None)  # of old runs: parts that they left out are judged now
        told = {
            "secrets": {name: f"<{name}>" for name in facts.pop("secrets")},
            "expected_errors": [_excuse(told) for told in facts.pop("expected_errors")],
            "violated": facts.pop("violated", []),
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise IncompleteError(f"{FACTS}: {type(error).__name__}: {error}") from None
    return Evidence(
        journal=_read(folder, JOURNAL, _journal),
        waiting=_read(folder, QUEUES, _document),
        logs=_logs(folder / LOGS),
        startup=_logs(folder / STARTUP),
        facts=facts,
        tables=rows,
        states=_read(folder, STATES, _document) if (folder / STATES).exists() else {},
        manifest=_read(folder, MANIFEST, _manifest) if (folder / MANIFEST).exists() else None,
        **told,
    )


def _read(folder: Path, name: str, parse: Callable[[Path], T]) -> T:
    try:
        return parse(folder / name)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise IncompleteError(f"{name}: {type(error).__name__}: {error}") from None


def _document(path: Path) -> dict[str, Any]:
    found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise TypeError("it is no object")
    return found


def _excuse(told: Any) -> Excuse:
    """Read an excuse; old runs have only a pattern without bounds."""
    if isinstance(told, str):
        return Excuse(told)
    return Excuse(**{**told, "nodes": tuple(told["nodes"])})


def _manifest(path: Path) -> dict[str, Part]:
    """Read the manifest; a file that was changed since counts as not read."""
    folder = path.parent
    kept = json.loads(path.read_text(encoding="utf-8"))
    changed = {
        name
        for name, digest in kept["files"].items()
        if not (folder / name).is_file() or _digest((folder / name).read_bytes()) != digest
    }
    parts = {name: Part(**{**told, "state": State(told["state"])}) for name, told in kept["parts"].items()}
    told = "it is not as it was kept"
    for name, part in parts.items():
        if file_of(name) in changed:
            parts[name] = replace(part, state=State.FAILED, why=f"{file_of(name)}: {told}")
    for file in changed - {file_of(name) for name in parts}:
        parts[file] = Part(State.FAILED, why=told)
    for room in (LOGS, STARTUP, DATABASE):
        there = (path.relative_to(folder).as_posix() for path in (folder / room).rglob("*") if path.is_file())
        for file in set(there) - set(kept["files"]):
            parts[file] = Part(State.FAILED, why="it was not there when the rest was kept")
    return parts


def _row(line: str) -> Any:
    return json.loads(line)


def _lines(path: Path) -> list[Row]:
    # Not splitlines(): JSON may hold U+2028 and its like as they are, and they end no line.
    found = [_row(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    if not all(isinstance(row, dict) for row in found):
        raise TypeError("a line of it is no object")
    return found


def _journal(path: Path) -> list[Row]:
    found = _lines(path)
    if not all("kind" in record and isinstance(record.get("at"), int | float) for record in found):
        raise TypeError("a record of it has no kind, or no time")
    return found


def _logs(folder: Path) -> dict[str, list[str]]:
    return {
        path.stem: [
            line for line in path.read_text(encoding="utf-8", errors="backslashreplace").split("\n") if line
        ]
        for path in sorted(folder.glob("*.log"))
    }
