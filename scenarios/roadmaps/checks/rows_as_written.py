"""Each row is as its last writer left it: a trigger of the database notes each change, whoever makes it, in the same transaction.

So every value of a table has a second source; a row that nobody wrote, and one that is gone though nobody deleted it, are seen too.
"""

import json
import re
from collections import defaultdict
from datetime import datetime
from typing import Any

from harness import Evidence, Finding, needs
from harness.evidence.evidence import Row
from scenarios.roadmaps import kept

CHANGES, ABSENT = "journal/change", "absent"
CUT = re.compile(r"(.*)\.\.\. \((\d+) characters\)", re.DOTALL)  # of harness.system.row_history


@needs(CHANGES, *(f"database/{table}" for table in kept.TABLES))
def rows_as_written(evidence: Evidence) -> Finding:
    """Judge every row of the product's tables against the changes that were noted of it."""
    if evidence.manifest is None:
        return Finding.unknown(
            "it was kept without a manifest: whether changes of rows were noted is unknown"
        )
    changes = evidence.records("change")
    if evidence.manifest[CHANGES].state == ABSENT:
        return Finding.nothing("nobody has noted the changes of rows")
    if any(change.get("left_out") for change in changes):
        return Finding.nothing(f"of the changes of rows only the first {len(changes) - 1} were noted")
    histories: defaultdict[str, list[Row]] = defaultdict(list)
    for change in changes:
        histories[change["table"]].append(change)
    faults = [fault for table in kept.TABLES for fault in _faults(evidence, table, histories[table])]
    seen = sum(len(evidence.rows(table)) + len(histories[table]) for table in kept.TABLES)
    if not seen:
        return Finding.nothing(
            "no row of the product was ever written: no table has one, and no change was noted"
        )
    return Finding.judge(faults, seen=seen, what="rows and changes of them")


def _faults(evidence: Evidence, table: str, history: list[Row]) -> list[str]:
    columns = tuple(history[0]["row"]) if history else ()
    written = _written(columns, history)
    faults = []
    for row in evidence.rows(table):
        key = tuple([row.get(column) for column in columns])
        name = f"{table} {row.get('id') or '/'.join(map(str, key))}"
        if key not in written:
            if table != kept.USERS:  # the administrator was there before
                faults.append(f"{name} is there, and nobody has written it")
            continue
        faults += [
            f"{name}: {column} is {row.get(column)!r}, and {value!r} was written"
            for column, value in written.pop(key).items()
            if row.get(column) != value and not _same(row.get(column), value)
        ]
    return faults + [
        f"{table} {'/'.join(map(str, key))} was written and is gone, and nobody has deleted it"
        for key in written
    ]


def _written(columns: tuple[str, ...], history: list[Row]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """What names a row that was not deleted -> what was last written into each column of it.

    Args:
        columns: that name a row.
        history: of the table.
    """
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for change in history:
        operation, row, changed = change["operation"], change["row"], change["changed"]
        if operation == "TRUNCATE":
            found.clear()
            continue
        key = tuple(map(row.__getitem__, columns))
        if operation == "DELETE":
            found.pop(key, None)
            continue
        after = {column: pair[1] for column, pair in changed.items()}
        if operation == "INSERT":
            found[key] = after
        elif key not in found:
            before = tuple(
                [changed[c][0] if c in changed else row[c] for c in columns]
            )  # where it got another name
            found[key] = found.pop(before, {}) | after
        else:
            found[key].update(after)
    return found


def _same(value: Any, written: Any) -> bool:
    """Whether the two are one, each as its own source writes it: times, numbers, and what is too long to be noted as a whole."""
    if isinstance(written, str):
        if value == written.replace("T", " ", 1):
            return True
        if written.endswith(" characters)") and (cut := CUT.fullmatch(written)):
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            return text.startswith(cut[1]) and len(text) == int(cut[2])
    try:
        if isinstance(written, str):
            return datetime.fromisoformat(value) == datetime.fromisoformat(written)
        return bool(float(value) == written)
    except (TypeError, ValueError):
        return False
