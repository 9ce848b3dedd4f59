"""Whatever is taken away from the evidence of a green scenario, cut, doubled, swapped or stale: it holds no more, and what it was is named."""

import json
import re
import shutil
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

import pytest

from harness.base.exits import Exit
from harness.evidence import evidence_folder
from harness.evidence.checks import Judges
from harness.evidence.checks.finding import Outcome, exit_of
from harness.evidence.evidence_folder import FACTS, MANIFEST, IncompleteError, load
from harness.evidence.windows import windows
from harness.tests.evidence.mutations import as_if_it_had_been_so, of_files, swapped
from scenarios.roadmaps import kept
from scenarios.roadmaps.application import app
from scenarios.roadmaps.services import CONTENT, LOGS
from scenarios.roadmaps.tests.keep import KEPT, unpacked

JUDGES = Judges.of(app)
NAMES = sorted(KEPT)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return unpacked(tmp_path_factory.mktemp("evidence"))


@pytest.fixture(autouse=True)
def lines_are_read_once(monkeypatch):
    """A mutation changes few of some thousand lines; the others need not be parsed again."""
    monkeypatch.setattr(evidence_folder, "_row", lru_cache(maxsize=100_000)(json.loads))


def judged(evidence):
    return JUDGES.judge(evidence)


def told(found):
    return "\n".join(
        f"{name} {f.outcome.value}: {'; '.join(f.facts)}" for name, f in found.items() if not f.outcome.good
    )


@pytest.mark.parametrize("name", NAMES)
def test_what_was_kept_is_green(folders, name):
    assert exit_of(f.outcome for f in judged(load(folders[name], app.tables)).values()) is Exit.HOLDS


def outcome_of(folder):
    """How `harness recheck` ends for a folder, and what it says."""
    try:
        found = judged(load(folder, app.tables))
    except IncompleteError as error:
        return Exit.UNKNOWN, str(error)
    return exit_of(finding.outcome for finding in found.values()), told(found)


@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_done_to_a_file_it_holds_no_more_and_is_named(folders, tmp_path, name):
    stale = folders[NAMES[NAMES.index(name) - 1]]
    folder = tmp_path / "copy"
    shutil.copytree(folders[name], folder)
    done, survivors = 0, []
    for mutation in of_files(folders[name], stale):
        mutation.apply(folder)
        ended, said = outcome_of_changed(folder)
        (folder / mutation.file).write_bytes((folders[name] / mutation.file).read_bytes())
        done += 1
        room = mutation.file.partition("/")[0].partition(".")[0]
        named = room in said or mutation.file in {MANIFEST, FACTS} or room.removesuffix("s") in said
        if ended is Exit.HOLDS or not named:
            survivors.append(f"{mutation.file} {mutation.how}: {ended} {said[:200]}")
    print(f"{name}: {done} mutations, {len(survivors)} survivors")  # noqa: T201
    assert survivors == []
    assert done > 100
    # No mutation has spoilt what came after it.
    assert outcome_of(folder)[0] is Exit.HOLDS


def outcome_of_changed(folder):
    if not (folder / FACTS).exists():
        return Exit.USAGE, FACTS  # nobody takes it for evidence any more
    return outcome_of(folder)


# What may go or come twice without a check that goes red: a part, or a part and what its record has, and why.
ARGUED = {
    "database/alembic_version": "of the migrations' tool: the migration's own scenarios read it",
    "database/canaries": "of readiness, which has been proved when the stack was started",
    "database/workers": "of readiness: who has lived when; retention removes the rows",
    "database/login_addresses": "of the throttle of logins, whose own scenarios read it",
    "database/provider_spending": "of the day's budget, whose own scenarios read it; what was paid is added up by the steps",
    "logs/postgres": "a server's own lines are looked at for errors alone",
    "logs/redis": "a server's own lines are looked at for errors alone",
    "logs/openai": "the scripted provider's lines are looked at for errors alone",
    "journal/log": "where each log stood, in bytes: for a person",
    "journal/sql": "what a recorder saw of statements, for the trace that a person reads",
    "journal/change": "what a recorder saw of rows, for the trace that a person reads",
    "journal/redis": "what a recorder saw of commands, for the trace that a person reads",
    "journal/depth": "what a recorder saw of queues, for the trace that a person reads",
    "journal/connections": "what a recorder saw of connections, for the trace that a person reads",
    "journal/published": "what a recorder saw of messages, for the trace that a person reads",
    "journal/clock": "what a recorder saw of clocks, for the trace that a person reads",
    "journal/pace": "what a recorder saw of the machine, for the trace that a person reads",
    "journal/task": "what workers say of tasks, where somebody listened: for the ledger's reader",
}


def argued(part, evidence, changed):
    """Why a mutation may hold; nothing where it may not."""
    before, after = records(part, evidence), records(part, changed)
    less, more = [[json.loads(one) for one in found.elements()] for found in (before - after, after - before)]
    rows = [*less, *more]
    same_promises = set(kept.owners(changed)) == set(kept.owners(evidence))
    gone = kept.withdrawn(evidence, surely=True)
    lesser = {
        "of a roadmap that its owner has deleted, and all that would have to agree with it": part in OF_WORK
        and all(of(row) in gone for row in rows),
        "what excuses something, less or twice": part in {"journal/verb", "journal/fault"}
        and gives_up(evidence, changed),
        "a call of a roadmap that was hurt, where one more or less may be": part == "journal/provider"
        and bool(windows(evidence)),
        "between the first sample and the last one": part == "journal/sample" and after,
        "a look that its client did not write down": part == "journal/call" and all(map(looks, rows)),
        "a call that its client wrote down twice": part == "journal/call" and more,
        "one of several promises of one roadmap": part == "journal/call"
        and same_promises
        and all(map(promises, rows)),
        "a member that nobody told of, or twice": part == "journal/life" and after,
        "a line that nothing adds up": part.startswith(("logs/", "startup/")) and not any(map(counts, rows)),
        "an account that asked for nothing": part == f"database/{kept.USERS}"
        and not any(map(asked(evidence), rows)),
    }
    return ARGUED.get(part) or next((why for why, so in lesser.items() if so), "")


def gives_up(evidence, changed):
    """Whether less was done to the stack, or the same: the journal alone knows of it, and its manifest counts it."""
    return {str(fault) for fault in changed.faults} <= {str(fault) for fault in evidence.faults}


OF_WORK = {"journal/provider", f"logs/{CONTENT}", f"logs/{LOGS}"}


def of(row):
    """The roadmap that a record or a line is of."""
    return row["request"] if isinstance(row, dict) else json.loads(row).get(kept.WORK_ID)


def looks(call):
    """Whether a call changes nothing that is judged: it reads, is a way in, or was refused."""
    return call["method"] == "GET" or "/auth/" in call["path"] or (call.get("status") or 0) >= 400


def promises(call):
    return bool(call.get(kept.WORK_ID))


def asked(evidence):
    owners = {row["user_id"] for row in kept.requests(evidence)}
    return lambda user: user["id"] in owners


def counts(line):
    """Whether a line is one that sums are made of."""
    return bool(re.search(r'"claimed, attempt|"ended: |"stored [1-9]|"app.access"', line))


def records(part, evidence):
    room, _, name = part.partition("/")
    if room == "journal":
        items = evidence.records(name)
    elif room == "database":
        items = evidence.rows(name)
    else:
        items = (evidence.logs if room == "logs" else evidence.startup).get(name, [])
    return Counter(json.dumps(item, sort_keys=True, default=str) for item in items)


@pytest.mark.parametrize("name", NAMES)
def test_as_if_the_system_itself_had_left_it_so_it_holds_no_more(folders, name):
    """No manifest shows it: what must add up does not, or it is argued, line by line, why it may."""
    evidence = load(folders[name], app.tables)
    done, excused, survivors = 0, Counter(), []
    for part, how, changed in as_if_it_had_been_so(evidence):
        done += 1
        if exit_of(finding.outcome for finding in judged(changed).values()) is not Exit.HOLDS:
            continue
        why = argued(part, evidence, changed)
        excused[why] += 1
        if not why:
            survivors.append(f"{part} {how}")
    print(f"{name}: {done} mutations, {len(survivors)} survivors; argued: {dict(excused)}")  # noqa: T201
    assert survivors == []


SWAPS = {
    f"database/{kept.REQUESTS}": ("id", "user_id", "idempotency_key", "status", "fence"),
    f"database/{kept.ROADMAPS}": ("id", "title", "curriculum"),
    f"database/{kept.STEPS}": ("request_id", "concept_id", "attempts", "prompt_tokens", "completion_tokens"),
    f"database/{kept.EVENTS}": ("request_id", "step"),
    f"database/{kept.USERS}": ("id", "email"),
    "journal/call": ("by", "key", "roadmap_id", "request_id"),
    "journal/provider": ("request", "step", "concept_id"),
}
OF_THE_ROW = {
    "id",
    "at",
    "wall",
    "position",
    "number",
    "transaction_id",
    "occurred_at",
    "stored_at",
    "created_at",
}


def decides(part, column, evidence):
    """Whether a row is one in which this column means something: a promise, an account that asked, a roadmap that is still there."""
    gone = kept.withdrawn(evidence, surely=True)
    if part == "journal/call" and column in {"by", "key", "roadmap_id"}:
        return promises
    if part == f"database/{kept.USERS}":
        return asked(evidence)
    if part == "journal/provider":
        return lambda call: call["request"] not in gone
    return lambda row: True


def alike(part, column, evidence, changed):
    """Whether the rows that have changed places were one like the other, but for what each row has of its own."""
    ignored = OF_THE_ROW | {column}
    before, after = records(part, evidence), records(part, changed)
    rows = [json.loads(one) for one in (before - after).elements()]
    bare = [{name: value for name, value in row.items() if name not in ignored} for row in rows]
    return all(row == bare[0] for row in bare)


def test_what_has_changed_places_is_seen(folders):
    done, argued_for, survivors = 0, [], []
    for name in NAMES:
        evidence = load(folders[name], app.tables)
        for part, columns in SWAPS.items():
            for column in columns:
                for how, changed in swapped(evidence, part, column, only=decides(part, column, evidence)):
                    done += 1
                    if exit_of(finding.outcome for finding in judged(changed).values()) is Exit.HOLDS:
                        # where one call more or less may be
                        hurt = column == "attempts" and windows(evidence)
                        found = argued_for if hurt or alike(part, column, evidence, changed) else survivors
                        found.append(f"{name}: {part}, {how}")
    print(f"{done} swaps, survivors: {survivors}; of rows that are alike: {argued_for}")  # noqa: T201
    assert survivors == []
    assert done


def test_roadmaps_that_are_cut_to_their_ids_are_seen(folders):
    seen = 0
    for name in NAMES:
        evidence = load(folders[name], app.tables)
        rows = kept.roadmaps(evidence)
        if rows:
            seen += 1
            cut = replace(
                evidence, tables=evidence.tables | {kept.ROADMAPS: [{"id": row["id"]} for row in rows]}
            )
            assert judged(cut)["one_roadmap"].outcome is Outcome.VIOLATED
    assert seen


def others(value):
    """What might stand in the place of a value: nothing, what looks like it, what is near it."""
    yield None
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
    elif isinstance(value, str):
        yield value + "\u200b"
        if re.match(r"\d{4}-\d\d-\d\d \d\d:", value):
            yield str(datetime.fromisoformat(value) + timedelta(hours=1))


@pytest.mark.parametrize("name", ["cancelled", "frozen", "retried"])
def test_no_value_of_a_row_may_be_another_one(folders, name):
    evidence, done, survivors = load(folders[name], app.tables), 0, []
    for table in kept.TABLES:
        rows = evidence.rows(table)
        # The administrator was there before, so nobody has written his row in the scenario.
        for one in [row for row in rows if not row.get("is_admin")][:: max(1, len(rows) - 1)]:
            for column, value in one.items():
                for other in others(value):
                    if other == value:
                        continue
                    done += 1
                    changed = [row | {column: other} if row is one else row for row in rows]
                    found = judged(replace(evidence, tables=evidence.tables | {table: changed}))
                    if exit_of(finding.outcome for finding in found.values()) is Exit.HOLDS:
                        survivors.append(f"{table}.{column}: {value!r} as {other!r}")
    print(f"{name}: {done} values, survivors: {survivors}")  # noqa: T201
    assert survivors == []
    assert done > 50
