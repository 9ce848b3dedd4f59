"""Statements from PostgreSQL's own log, as auto_explain writes them: who ran which, how many rows, how long."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

# The beginning of lines of a stack's servers: time, process, database, application; see harness.substrates.postgres.
HEAD = re.compile(
    r"(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+) UTC \[(?P<pid>\d+)\] (?P<database>\S+) (?P<application>.*?) ?"
    r"LOG:  duration: (?P<took>[\d.]+) ms  plan:$"
)
# Lines of a server when the recorder switches the logging on.
OUR_DOING = re.compile(r'LOG:  (received SIGHUP|parameter "|configuration file ")')
ROWS = re.compile(r"\(actual (?:time=\S+ )?rows=([\d.]+) loops=(\d+)\)")
NODE = re.compile(r"\(cost=|\(actual ")
CHANGES = ("Insert on", "Update on", "Delete on", "Merge on", "LockRows", "ModifyTable")
LONGEST_STATEMENT, LONGEST_PARAMETERS = 600, 300  # characters that are kept
FOLDED_SECONDS = 1.0  # seconds within which equal reads become one record
OURS = "harness"  # name of our own connections


def without_statements(lines: Iterable[str]) -> Iterator[str]:
    """A server's own lines, without statements.

    Args:
        lines: of its log.
    """
    inside = False
    for line in lines:
        if HEAD.match(line) or OUR_DOING.search(line):
            inside = True
        elif not (inside and line.startswith("\t")):
            inside = False
            yield line


def statements(lines: Iterable[str], database: str) -> Iterator[dict[str, Any]]:
    """The statements of all connections except our own.

    Args:
        lines: of a server's log.
        database: database of the stack: a shared server has other databases, too.

    Yields:
        `wall`, seconds since 1970 at its end; `pid`, `application`, `milliseconds`, `rows`, `statement`, `parameters`.
    """
    head: re.Match[str] | None = None
    told: list[str] = []
    for line in lines:
        if head is not None and line.startswith("\t"):
            told.append(line[1:])
            continue
        if head is not None:
            yield _statement(head, told)
        head, told = HEAD.match(line), []
        if head is not None and (head["database"] != database or head["application"] == OURS):
            head = None
    if head is not None:
        yield _statement(head, told)


def folded(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same, where equal reads of one application with equal results within a second are one, with `times`.

    Args:
        found: as `statements` has them.
    """
    kept: list[dict[str, Any]] = []
    last: dict[tuple[Any, ...], dict[str, Any]] = {}
    for one in found:
        alike = (one["application"], one["statement"], one["parameters"], one["rows"])
        before = last.get(alike)
        reads = one["statement"].lstrip().upper().startswith("SELECT")
        if reads and before is not None and one["wall"] - before["wall"] < FOLDED_SECONDS:
            before["times"] = before.get("times", 1) + 1
            before["milliseconds"] = max(before["milliseconds"], one["milliseconds"])
        else:
            kept.append(one)
            last[alike] = one
    return kept


def _statement(head: re.Match[str], told: Sequence[str]) -> dict[str, Any]:
    parts: dict[str, list[str]] = {"Query Text": [], "Query Parameters": [], "plan": []}
    part = "plan"
    for line in told:
        name, colon, rest = line.partition(": ")
        if colon and name in parts:
            part = name
            parts[part].append(rest)
            continue
        if part != "plan" and NODE.search(line):
            part = "plan"
        parts[part].append(line)
    at = datetime.strptime(head["at"], "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC)
    return {
        "wall": at.timestamp(),
        "pid": int(head["pid"]),
        "application": head["application"],
        "milliseconds": float(head["took"]),
        "rows": _rows(parts["plan"]),
        "statement": " ".join(" ".join(parts["Query Text"]).split())[:LONGEST_STATEMENT],
        "parameters": " ".join(parts["Query Parameters"])[:LONGEST_PARAMETERS],
    }


def _rows(plan: Sequence[str]) -> int | None:
    """How many rows it returned; where it changes rows and returns none, how many it changed."""
    nodes = [line for line in plan if NODE.search(line)]
    counts = [round(float(found[1]) * int(found[2])) for line in nodes if (found := ROWS.search(line))]
    if not counts:
        return None
    changes = nodes[0].lstrip().startswith(CHANGES)
    return counts[1] if changes and not counts[0] and len(counts) > 1 else counts[0]
