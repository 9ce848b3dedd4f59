"""The moments of a recorder: statements, commands of Redis, changed rows, and the scenario's own lines."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from harness.evidence.evidence import Evidence, Row
from harness.evidence.trace.moment import BAD, GOOD, POSTGRES, REDIS, ROWS, SCENARIO, WARNING, Moment, ids_of

SLOW_MILLISECONDS = 500.0
UUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}")
SHOWN_COLUMNS = 6
LONGEST_VALUE = 60


def recorded(evidence: Evidence, tied: Sequence[str]) -> Iterator[Moment]:
    """All recorded moments; none for a run without a recorder.

    Args:
        evidence: of a scenario.
        tied: fields that tie moments together.
    """
    yield from _statements(evidence)
    yield from _changes(evidence)
    yield from _published(evidence, tied)
    yield from _redis(evidence)
    yield from _lines(evidence)


def change_of(columns: Row) -> str:
    """The change of a row, in words.

    Args:
        columns: name -> value before and after.
    """
    told = [
        f"{name} {_value(before)} → {_value(after)}" if before is not None else f"{name} {_value(after)}"
        for name, (before, after) in columns.items()
        if (before, after) != (None, "")
    ]
    # Short values first, because they say most: a state, a count, a time.
    told.sort(key=len)
    return ", ".join(told[:SHOWN_COLUMNS])


def _value(value: Any) -> str:
    text = str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."


def _statements(evidence: Evidence) -> Iterator[Moment]:
    for record in evidence.records("sql"):
        at = float(record["at"])
        if "left_out" in record:
            text = f"{record['left_out']} statements are not kept"
            yield Moment(POSTGRES, at, at, text, WARNING, (), record)
            continue
        took = float(record.get("milliseconds") or 0.0)
        rows = record.get("rows")
        text = f"{record.get('application')}: {record['statement']} [{rows} rows, {took:.1f} ms]" + (
            f" {record['times']} times" if record.get("times") else ""
        )
        ids = tuple(dict.fromkeys(found[0] for found in UUID.finditer(str(record.get("parameters", "")))))
        level = WARNING if took > SLOW_MILLISECONDS else GOOD
        yield Moment(POSTGRES, at - took / 1000, at, text, level, ids, record)


def _changes(evidence: Evidence) -> Iterator[Moment]:
    for record in evidence.records("change"):
        at = float(record["at"])
        if record.get("left_out"):
            yield Moment(ROWS, at, at, "later changes of rows are not kept", WARNING, (), record)
            continue
        named = [str(value) for value in (record.get("row") or {}).values()]
        words = {"INSERT": "new", "UPDATE": "changed", "DELETE": "deleted", "TRUNCATE": "emptied"}
        what = words.get(str(record.get("operation")), str(record.get("operation")))
        text = f"{record['table']} {what} by {record.get('application') or 'somebody'}: {change_of(record.get('changed') or {})}"
        ids = tuple(value for value in named if UUID.fullmatch(value) or value.isdigit())
        yield Moment(ROWS, at, at, text, GOOD, ids, record)


def _published(evidence: Evidence, tied: Sequence[str]) -> Iterator[Moment]:
    for record in evidence.records("published"):
        at = float(record.get("happened") or record["at"])
        again = f", for the {record['again']}. time" if record.get("again") else ""
        text = f"published {record.get('name') or 'what is no message'} to {record['queue']} by {record.get('by') or 'somebody'}{again}"
        yield Moment(REDIS, at, at, text, WARNING if again else GOOD, ids_of(record, tied), record)


def _redis(evidence: Evidence) -> Iterator[Moment]:
    for record in evidence.records("redis"):
        at = float(record.get("happened") or record["at"])
        if "unheard_since" in record:
            since = float(record["unheard_since"])
            yield Moment(REDIS, since, at, "nobody could listen to Redis", WARNING, (), record)
        elif "left_out" in record:
            text = f"{record['left_out']} commands are not kept"
            yield Moment(REDIS, at, at, text, WARNING, (), record)
        else:
            does = f"message {record['does']}: " if record.get("does") else ""
            text = f"{does}{record['command']} {record.get('key', '')}"
            yield Moment(REDIS, at, at, text, GOOD, ids_of(record, ("task",)), record)


def _lines(evidence: Evidence) -> Iterator[Moment]:
    """The scenario's own lines as phases: each lasts from its first record to that of the next line."""
    told = [
        record
        for record in evidence.journal
        if "line" in record and record["kind"] in {"call", "fault", "verb"}
    ]
    source = {int(number): text for number, text in (evidence.facts.get("scenario") or {}).items()}
    phases: list[tuple[int, float, float]] = []
    for record in told:
        line, at = int(record["line"]), float(record["at"])
        began = at - float(record.get("milliseconds") or 0.0) / 1000
        if phases and phases[-1][0] == line:
            phases[-1] = (line, phases[-1][1], at)
        else:
            phases.append((line, began, at))
    for line, began, ended in phases:
        text = f"{line}: {source.get(line, '').strip()}"
        yield Moment(SCENARIO, began, ended, text, GOOD, (), {"line": line})
    failed = evidence.facts.get("failed_line")
    if failed and evidence.journal:
        last = max(float(record["at"]) for record in evidence.journal)
        text = f"{failed}: {source.get(int(failed), '').strip()} — failed here"
        yield Moment(SCENARIO, last, last, text, BAD, (), {"line": failed})
