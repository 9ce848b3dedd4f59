"""Sentences from the recorder's records: which work stands still and who should have moved it, and who waited for what."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from harness.base.polls import shape_of
from harness.evidence.evidence import Evidence, Row
from harness.evidence.trace.moment import (
    CLIENT,
    FAULTS,
    POSTGRES,
    PROVIDER,
    REDIS,
    ROWS,
    SCENARIO,
    TASKS,
    WARNING,
    Moment,
)
from harness.evidence.trace.moments import wall_of

NOTICED_SECONDS = 0.5
ENOUGH = 3  # fruitless tries after which a sentence says so
ENDS = ("succeeded", "failed", "rejected", "revoked", "retried")
# States that are not final.
OPEN = frozenset({"new", "queued", "running", "pending", "processing", "started"})
DUE = ("_at", "_until", "_by", "_after")  # endings of the names of columns with a due time
AS_AN_ID = 30  # characters of a part of a path
SHOWN_VARIABLES = 8
SHOWN = 90  # characters of a statement, and of its condition
SHOWN_LINE = 200  # characters of what a member wrote
NO_MEMBERS = frozenset({CLIENT, TASKS, FAULTS, POSTGRES, ROWS, REDIS, SCENARIO})  # lanes


def open_works(evidence: Evidence, work_ids: Collection[str] = ()) -> list[str]:
    """The ids of unfinished work: as the application says, or as its row does.

    Args:
        evidence: of a scenario.
        work_ids: what the application calls the ids of its work.
    """
    states = {identity: state for found in evidence.states.values() for identity, state in found.items()}
    accepted = dict.fromkeys(one for name in work_ids for one in evidence.accepted(name) if one not in states)
    for rows in evidence.tables.values():
        for row in rows:
            named = str(next(iter(row.values()), ""))
            if named in accepted:
                states[named] = str(row.get("status") or row.get("state") or "")
    return [identity for identity, state in states.items() if state in OPEN]


def derived(evidence: Evidence, found: Sequence[Moment], work_ids: Collection[str] = ()) -> Iterator[str]:
    """The sentences, the worst first.

    Args:
        evidence: of a scenario.
        found: its moments.
        work_ids: what the application calls the ids of its work.
    """
    waiting = open_works(evidence, work_ids)
    last = max((moment.until for moment in found), default=0.0)
    hurt = [moment for moment in found if moment.lane == FAULTS]
    for identity in waiting:
        yield from _stands_still(identity, found, last, wall_of(evidence))
    yield from _not_taken(found, last)
    yield from _not_ended(found, set(waiting), last)
    yield from _attempts(found, hurt)
    yield from _waited(found)
    yield from _for_nothing(found, bool(waiting))
    yield from _locked(evidence)
    yield from _refused(found)
    yield from _warned(found)
    yield from _piled_up(evidence)
    if (evidence.facts.get("code") or {}).get("difference"):
        yield "the code that was tested is not all committed: see what differs, below"


def given(evidence: Evidence) -> Iterator[str]:
    """How the environment differs from the tier's: a sentence for all nodes that differ alike.

    Args:
        evidence: of a scenario.
    """
    alike: dict[str, list[str]] = {}
    for node, changed in (evidence.facts.get("environment") or {}).items():
        told = ", ".join(
            f"{name}={new}" + (f" (usually {old})" if old is not None else "")
            for name, (old, new) in list(changed.items())[:SHOWN_VARIABLES]
        )
        alike.setdefault(told, []).append(node)
    for told, nodes in alike.items():
        yield f"{', '.join(nodes)}: run with {told}"


def _stands_still(identity: str, found: Sequence[Moment], last: float, wall: float) -> Iterator[str]:
    own = [moment for moment in found if identity in moment.ids]
    published = [moment for moment in own if moment.lane == REDIS and moment.text.startswith("published")]
    rows = [moment for moment in own if moment.lane == ROWS and "row" in moment.detail]
    recorded = any(moment.lane in {REDIS, ROWS} for moment in found)
    if not published and recorded:
        yield f"{identity[:8]} is open, and no message for it was ever published"
    # The row of the work itself is named by its id.
    changed = [moment for moment in rows if identity in {str(one) for one in moment.detail["row"].values()}]
    tables = {
        moment.detail["table"] for moment in changed if list(moment.detail["row"].values())[:1] == [identity]
    }
    for table in sorted(tables):
        row = [moment for moment in changed if moment.detail["table"] == table]
        yield _history(identity, table, row, len(published), last)
        yield from _overdue(identity, table, row, published, last, wall)


def _history(identity: str, table: str, row: Sequence[Moment], published: int, last: float) -> str:
    by = Counter(str(moment.detail.get("application")) for moment in row)
    who = ", ".join(f"{name} {number}" for name, number in by.most_common())
    final = row[-1]
    columns = final.text.partition(": ")[2]
    return (
        f"{table} {identity[:8]} is open: changed {len(row)} times (by {who}), {published} messages published for it;"
        f" its last change, {last - final.at:.1f} s before the end: {columns[:160]}"
    )


def _overdue(
    identity: str, table: str, row: Sequence[Moment], published: Sequence[Moment], last: float, wall: float
) -> Iterator[str]:
    """Due times in its row that have passed without a change of the row."""
    values: dict[str, Any] = {}
    for moment in row:
        values |= {name: new for name, (_, new) in moment.detail.get("changed", {}).items()}
    final = row[-1]
    for name, value in values.items():
        due = _seconds(value) if name.endswith(DUE) else None
        if due is None:
            continue
        at = final.at + due - (float(final.detail["at"]) + wall)
        if final.at < at < last - NOTICED_SECONDS:
            after = sum(moment.at > at for moment in published)
            what = f"{after} messages were published" if after else "nothing was published"
            yield f"{name} of {table} {identity[:8]} came {last - at:.1f} s before the end: since then {what} for it, and its row did not change"


def _seconds(value: object) -> float | None:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    if len(str(value)) < 19:  # noqa: PLR2004 - a date alone is no time
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _not_taken(found: Sequence[Moment], last: float) -> Iterator[str]:
    """Messages that were published but that no worker has received."""
    if not any(moment.lane == TASKS for moment in found) and not any(
        moment.detail.get("does") for moment in found if moment.lane == REDIS
    ):
        return
    taken = {
        one for moment in found if moment.lane == TASKS or moment.detail.get("does") for one in moment.ids
    }
    lost = [
        moment
        for moment in found
        if moment.lane == REDIS
        and moment.detail.get("task")
        and moment.text.startswith("published")
        and moment.detail["task"] not in taken
        and last - moment.at > NOTICED_SECONDS
    ]
    for moment in lost[:ENOUGH]:
        yield f"the message {str(moment.detail['task'])[:8]} ({moment.text}) of {moment.at:.1f} s was taken by no worker"
    if len(lost) > ENOUGH:
        yield f"{len(lost) - ENOUGH} messages more were taken by no worker"


def _not_ended(found: Sequence[Moment], waiting: set[str], last: float) -> Iterator[str]:
    for moment in found:
        if moment.lane == TASKS and waiting & set(moment.ids) and last - moment.until > NOTICED_SECONDS:
            step = str(moment.detail.get("type", "")).removeprefix("task-")
            if step and not step.startswith(ENDS):
                name = moment.text.partition(":")[0]
                yield f"{name} was {step} at {moment.until:.1f} s and has not ended {last - moment.until:.1f} s later"


def _attempts(found: Sequence[Moment], hurt: Sequence[Moment]) -> Iterator[str]:
    for moment in found:
        if moment.lane != ROWS or "row" not in moment.detail:
            continue
        for name, (_, new) in (moment.detail.get("changed") or {}).items():
            if name in {"attempt", "attempts"} and isinstance(new, int) and new > 1:
                why = (
                    "" if any(fault.at <= moment.at for fault in hurt) else ", though nothing was hurt before"
                )
                named = " ".join(str(value)[:8] for value in moment.detail["row"].values() if value)
                yield f"{name} of {moment.detail['table']} {named} became {new} at {moment.at:.1f} s{why}"


def _waited(found: Sequence[Moment]) -> Iterator[str]:
    """Slow statements: most of them wait for a lock."""
    slow = [
        moment
        for moment in found
        if moment.lane == POSTGRES and moment.level and "statement" in moment.detail
    ]
    slow.sort(key=lambda moment: moment.at - moment.until)
    for moment in slow[:ENOUGH]:
        took = moment.until - moment.at
        if took:
            yield f"{moment.detail.get('application')} waited {took:.1f} s at {moment.at:.1f} s for: {_short(moment.detail['statement'])}"


def _for_nothing(found: Sequence[Moment], open_at_the_end: bool) -> Iterator[str]:
    """Statements that should change a row but found none."""
    if not open_at_the_end:
        return
    count: dict[tuple[str, str], list[Moment]] = {}
    for moment in found:
        statement = str(moment.detail.get("statement", ""))
        if (
            moment.lane == POSTGRES
            and moment.detail.get("rows") == 0
            and statement.startswith(("UPDATE", "DELETE", "WITH"))
        ):
            count.setdefault((str(moment.detail.get("application")), statement), []).append(moment)
    for (application, statement), own in sorted(count.items(), key=lambda each: -len(each[1]))[:2]:
        times = sum(moment.times for moment in own)
        if times >= ENOUGH:
            yield f"{application} looked {times} times and changed no row: {_short(statement)}"


def _short(statement: str) -> str:
    """The beginning of a statement and its condition, where most mistakes are."""
    begin, where, condition = statement.partition(" WHERE ")
    return f"{begin[:SHOWN]}{where}{condition[:SHOWN]}" if where else begin[:SHOWN]


def _warned(found: Sequence[Moment]) -> Iterator[str]:
    """The members' warnings, by kind, the rarest first: a warning that comes all the time is seldom the cause."""
    kinds: dict[str, list[Moment]] = {}
    for moment in found:
        if moment.level == WARNING and moment.lane not in NO_MEMBERS and not moment.lane.startswith(PROVIDER):
            kinds.setdefault(shape_of(moment.text), []).append(moment)
    for own in sorted(kinds.values(), key=lambda each: (len(each), each[0].at))[:ENOUGH]:
        first = own[0]
        often = f", {len(own)} times" if len(own) > 1 else ""
        yield f"{first.lane} warned at {first.at:.1f} s{often}: {' '.join(first.text.split())[:SHOWN_LINE]}"


def _locked(evidence: Evidence) -> Iterator[str]:
    most: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for record in evidence.records("connections"):
        for name, by in (record.get("by") or {}).items():
            if by.get("locked"):
                most[name] = max(most[name], by["locked"])
                seen[name] += 1
    for name, number in most.items():
        yield f"{number} connections of {name or 'somebody'} waited for a lock, in {seen[name]} looks of half a second"


def _refused(found: Sequence[Moment]) -> Iterator[str]:
    """Answers to clients that are no success, by kind."""
    wrong: Counter[str] = Counter()
    first: dict[str, float] = {}
    for moment in found:
        if moment.lane == CLIENT and moment.level and moment.detail.get("status"):
            path = "/".join(
                part if len(part) < AS_AN_ID else "..." for part in str(moment.detail["path"]).split("/")
            )
            what = f"{moment.detail['method']} {path} was answered {moment.detail['status']}"
            wrong[what] += moment.times
            first.setdefault(what, moment.at)
    for what, number in wrong.most_common(ENOUGH):
        yield f"{what} {number} times, first at {first[what]:.1f} s"


def _piled_up(evidence: Evidence) -> Iterator[str]:
    """Queues with messages in them for a while."""
    since: dict[str, list[Row]] = {}
    for record in evidence.records("depth"):
        for queue, number in (record.get("waiting") or {}).items():
            if number and number - (record.get("taken") or {}).get(queue, 0) > 0:
                since.setdefault(queue, []).append(record)
    for queue, own in since.items():
        took = float(own[-1]["at"]) - float(own[0]["at"])
        if took > 2:  # noqa: PLR2004 - seconds that a worker may well be busy
            most = max(record["waiting"][queue] for record in own)
            yield f"up to {most} messages waited in {queue}, for {took:.1f} s"
