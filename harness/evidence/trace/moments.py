"""Everything that happened in a scenario, in order and on one clock, from all records."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from itertools import pairwise
from typing import Any

from harness.base.logs import LogLine, joined
from harness.base.polls import shape_of
from harness.evidence.evidence import Evidence, Row
from harness.evidence.trace.moment import (
    BAD,
    CLIENT,
    FAULTS,
    GOOD,
    PROVIDER,
    REDIS,
    ROWS,
    SCENARIO,
    TASKS,
    WARNING,
    Moment,
    ids_of,
)
from harness.evidence.trace.recorded import recorded

UNWANTED = 400  # smallest HTTP status that is no success
# As PostgreSQL and Celery begin theirs; Celery's is of the member's time zone, which it does not name.
PLAIN_TIME = re.compile(r"\[?(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.,]\d{3})")
EARLY_SECONDS, LATE_SECONDS = 60.0, 600.0  # before and after a scenario, of a time that is believed
PLAIN_PROCESS = re.compile(r"\[[\d :,-]+: [A-Z]+/([\w-]+)\]")  # the beginning of Celery's lines
NEVER_FOLDED = {TASKS, FAULTS, ROWS, SCENARIO}  # lanes in which each moment is different
FOLDED_SECONDS = 3.0  # seconds between two polls that are shown as one
IDS = (
    "request_id",
    "trace_id",
    "task",
    "id",
    "key",
)  # fields that tie moments together, in addition to the ids of works


def moments(evidence: Evidence, work_ids: Collection[str]) -> list[Moment]:
    """All moments, in order; equal polls are one moment.

    Args:
        evidence: of a scenario.
        work_ids: what the application calls the ids of its work.
    """
    return timeline(evidence, work_ids)[0]


def timeline(evidence: Evidence, work_ids: Collection[str]) -> tuple[list[Moment], float]:
    """The same, and the time of the first: seconds since the epoch, or since an unknown moment where no record has a clock."""
    wall = wall_of(evidence)
    tied = (*work_ids, *IDS)
    found = [
        *_calls(evidence, tied),
        *_tasks(evidence, tied),
        *_provider(evidence, tied),
        *_faults(evidence),
        *_lines(evidence, wall, tied),
        *recorded(evidence, tied),
    ]
    found.sort(key=lambda moment: (moment.at, moment.until))
    began = min((moment.at for moment in found), default=0.0)
    since = [replace(one, at=one.at - began, until=one.until - began) for one in found]
    works = {
        str(row[name])
        for row in (*evidence.calls, *evidence.records("task"))
        for name in work_ids
        if row.get(name)
    }
    works |= {identity for states in evidence.states.values() for identity in states}
    # A number can name a row of any table: it ties moments only where it is the id of a work.
    since = [
        replace(one, ids=tuple(name for name in one.ids if name in works or not name.isdigit()))
        if one.lane == ROWS
        else one
        for one in since
    ]
    return sorted(_folded(_adopted(since, works)), key=lambda moment: (moment.at, moment.until)), began + wall


def _adopted(found: Sequence[Moment], works: set[str]) -> list[Moment]:
    """Give a moment without the id of a work to the one work whose moments share another id with it.

    Examples are a task's message, a request's statement, a line of the worker that took the task after a sweep.
    """
    seen: dict[str, set[str]] = {}
    for moment in found:
        own = works & set(moment.ids)
        for identity in moment.ids:
            if identity not in works and own:
                seen.setdefault(identity, set()).update(own)
    adopted = []
    for moment in found:
        if not works & set(moment.ids):
            ways = {next(iter(seen[one])) for one in moment.ids if len(seen.get(one, ())) == 1}
            adopted.append(replace(moment, ids=(*moment.ids, *ways)) if len(ways) == 1 else moment)
        else:
            adopted.append(moment)
    return adopted


def wall_of(evidence: Evidence) -> float:
    """Seconds to add to the journal's clock to get the clock of the logs; 0 where that is unknown."""
    told = next((record for record in evidence.journal if "wall" in record), None)
    return datetime.fromisoformat(told["wall"]).timestamp() - float(told["at"]) if told else 0.0


def _calls(evidence: Evidence, tied: Sequence[str]) -> Iterator[Moment]:
    for call in evidence.calls:
        status = call.get("status")
        took = float(call.get("milliseconds") or 0.0) / 1000
        wrong = call["outcome"] != "answered" or (status or 0) >= UNWANTED
        # The id of what is asked about stands in the path, too.
        more = tuple(part for part in call["path"].split("/") if len(part) > 30)  # noqa: PLR2004 - as UUIDs are
        text = f"{call['method']} {call['path']} {status or call['outcome']}"
        at = float(call["at"])
        yield Moment(
            CLIENT, at - took, at, text, WARNING if wrong else GOOD, (*ids_of(call, tied), *more), call
        )


def _tasks(evidence: Evidence, tied: Sequence[str]) -> Iterator[Moment]:
    """A task from its first event to its last."""
    told: dict[str, list[Row]] = {}
    for record in evidence.records("task"):
        told.setdefault(str(record.get("task")), []).append(record)
    for records in told.values():
        ats = [float(record.get("happened") or record["at"]) for record in records]
        last = str(records[-1].get("type", ""))
        level = BAD if "failed" in last else WARNING if "retried" in last or "revoked" in last else GOOD
        name = next((str(record["name"]) for record in records if record.get("name")), "a task")
        steps = " -> ".join(str(record.get("type", "")).removeprefix("task-") for record in records)
        ids = tuple(dict.fromkeys(one for record in records for one in ids_of(record, tied)))
        yield Moment(TASKS, min(ats), max(ats), f"{name}: {steps}", level, ids, records[-1])


def _provider(evidence: Evidence, tied: Sequence[str]) -> Iterator[Moment]:
    for call in evidence.provider_calls:
        outcome = str(call.get("outcome", ""))
        what = " ".join(filter(None, (str(call.get("step") or ""), str(call.get("concept") or ""))))
        level = GOOD if outcome == "replied" else WARNING
        ids = (*ids_of(call, tied), *([str(call["request"])] if call.get("request") else []))
        at = float(call["at"])
        began = at - float(call.get("milliseconds") or 0.0) / 1000
        lane = str(call.get("provider") or PROVIDER)
        yield Moment(f"{PROVIDER} {lane}", began, at, f"{what or 'a call'} {outcome}", level, ids, call)


def _faults(evidence: Evidence) -> Iterator[Moment]:
    """A fault from its injection to the end of its recovery."""
    told: dict[int, list[Row]] = {}
    for record in evidence.faults:
        told.setdefault(record["number"], []).append(record)
    for records in told.values():
        ats = [float(record["at"]) for record in records]
        steps = ", ".join(
            f"{record['phase']}{': ' + str(record['trace']) if record.get('trace') else ''}"
            for record in records
        )
        first = records[0]
        yield Moment(
            FAULTS, min(ats), max(ats), f"{first['name']} of {first['target']}: {steps}", BAD, (), first
        )
    for record in evidence.records("verb"):
        at = float(record["at"])
        text = " ".join(str(value) for name, value in record.items() if name not in {"at", "wall", "kind"})
        yield Moment(FAULTS, at, at, text, WARNING, (), record)


def _lines(evidence: Evidence, wall: float, tied: Sequence[str]) -> Iterator[Moment]:
    """The members' log lines. A line without a time has the time of the line before it, the first one the scenario's."""
    ats = [float(record["at"]) for record in evidence.journal] or [
        at - wall
        for at in _times(evidence)  # without a journal the logs alone say when it was
    ]
    first, last = min(ats, default=0.0), max(ats, default=0.0)
    for node, lines in evidence.logs.items():
        at = first
        parsed = list(map(LogLine.parse, _continued(joined(map(LogLine.parse, lines)))))
        pids = {line.fields["pid"] for line in parsed if "pid" in line.fields}
        for line in parsed:
            told = line.fields.get("time")
            with suppress(ValueError):
                if isinstance(told, str):
                    at = datetime.fromisoformat(told).timestamp() - wall
                elif plain := PLAIN_TIME.match(line.text):
                    at = next(
                        (
                            one
                            for one in (_plain_seconds(plain[1], zone) - wall for zone in (UTC, None))
                            if first - EARLY_SECONDS < one < last + LATE_SECONDS
                        ),
                        at,
                    )
            level = BAD if line.is_error else WARNING if line.fields.get("level") == "warning" else GOOD
            detail: dict[str, Any] = line.fields or {"line": line.text}
            lane = _process(node, line, pids)
            yield Moment(lane, at, at, line.message, level, ids_of(line.fields, tied), detail)


def _times(evidence: Evidence) -> Iterator[float]:
    """The times that JSON lines name, in seconds since the epoch."""
    for lines in evidence.logs.values():
        for line in map(LogLine.parse, lines):
            told = line.fields.get("time")
            if isinstance(told, str):
                with suppress(ValueError):
                    yield datetime.fromisoformat(told).timestamp()


def _plain_seconds(told: str, zone: tzinfo | None) -> float:
    """A plain line's time in seconds since the epoch; of this machine's time zone where none is given."""
    return datetime.fromisoformat(told.replace(",", ".")).replace(tzinfo=zone).timestamp()


def _continued(lines: Iterable[LogLine]) -> Iterator[str]:
    """The lines' texts; one that begins with a tab, as PostgreSQL's do, goes on with the plain one before it."""
    part: list[str] = []
    for line in lines:
        if part and line.text.startswith("\t"):
            part.append(line.text.strip())
            continue
        if part:
            yield "\n".join(part)
        part = [line.text]
    if part:
        yield "\n".join(part)


def _process(node: str, line: LogLine, pids: Collection[object]) -> str:
    """The process of a node that wrote a line: its pid where there are several, else its name in Celery's plain lines."""
    if len(pids) > 1 and "pid" in line.fields:
        return f"{node} {line.fields.get('process', '')} {line.fields['pid']}"
    plain = PLAIN_PROCESS.match(line.text) if not line.fields else None
    return f"{node} {plain[1]}" if plain else node


def _folded(found: Sequence[Moment]) -> Iterator[Moment]:
    """Each lane's moments, where consecutive moments that differ only in numbers are one."""
    lanes: dict[str, list[Moment]] = {}
    for moment in found:
        lanes.setdefault(moment.lane, []).append(moment)
    for own in lanes.values():
        run = own[0]
        for before, moment in pairwise(own):
            if _alike(before, moment) and moment.at - before.until < FOLDED_SECONDS:
                run = replace(run, until=max(run.until, moment.until), times=run.times + 1)
            else:
                yield run
                run = moment
        yield run


def _alike(one: Moment, other: Moment) -> bool:
    return (
        one.level == other.level == GOOD
        and one.lane not in NEVER_FOLDED
        and not (one.lane == REDIS and one.ids)
        and shape_of(one.text) == shape_of(other.text)
    )
