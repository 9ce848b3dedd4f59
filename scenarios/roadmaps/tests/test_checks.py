"""Every check of the product is fed a broken history and must go red for it, and green for the sound one it was broken from."""

import json
from dataclasses import replace

import pytest

from harness import Evidence, Outcome
from harness.evidence.checks import OF_ANY, Judges
from harness.evidence.whole import manifest_of
from scenarios.roadmaps import checks, kept
from scenarios.roadmaps.application import app
from scenarios.roadmaps.checks.calls_logged import calls_logged
from scenarios.roadmaps.checks.drained import drained
from scenarios.roadmaps.checks.ends_agree import ends_agree
from scenarios.roadmaps.checks.events_stored import events_stored
from scenarios.roadmaps.checks.fences_monotone import fences_monotone
from scenarios.roadmaps.checks.nothing_doubled import nothing_doubled
from scenarios.roadmaps.checks.nothing_lost import nothing_lost
from scenarios.roadmaps.checks.one_roadmap import one_roadmap
from scenarios.roadmaps.checks.owner_obeyed import owner_obeyed
from scenarios.roadmaps.checks.provider_calls import provider_calls
from scenarios.roadmaps.checks.rows_as_written import rows_as_written
from scenarios.roadmaps.checks.usage import usage
from scenarios.roadmaps.services import CONTENT
from scenarios.roadmaps.tests.history import (
    ACCEPTED,
    CALLS,
    EVENTS,
    JOURNAL,
    LOGS,
    OUTLINE,
    ROADMAP,
    SOUND,
    TABLES,
    R,
    accepted,
    call,
    called,
    claimed,
    event,
    fault,
    paid,
    request,
    said,
    sound_but,
)

UNHURT = [*CALLS, called()]


def counted(before: int | None, after: int):
    """The record of a change of a step's attempts."""
    row = {"request_id": R, "step": "intent", "concept_id": ""}
    changed = {"attempts": [before, after]}
    return {"kind": "change", "at": 2.0, "table": "generation_steps", "row": row, "changed": changed}


def changed(operation: str = "UPDATE", identifier: str = R, **columns):
    """The record of a change of a request's row: each column's value before and after."""
    row = {"kind": "change", "at": 2.0, "table": kept.REQUESTS, "row": {"id": identifier}}
    return row | {"operation": operation, "changed": columns}


DELETED = call("DELETE", f"/api/v1/roadmaps/{R}", at=2.0, status=204)
GONE = {"requests": [], "roadmaps": [], "steps": [], "events": []}
# for the product's own budgets
latency = next(check for check in Judges.of(app) if check.__name__ == "latency")
CHECKS = (*checks.CHECKS, latency)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_sound_history_holds(check):
    assert check(SOUND).outcome is (Outcome.NOTHING if check is owner_obeyed else Outcome.HOLDS)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_nothing_seen_is_unknown(check):
    assert check(Evidence()).outcome is Outcome.UNKNOWN


ANSWERED = json.dumps({"message": "POST '/api/v1/roadmaps' 202 20.0 ms", "request_id": "r1", "roadmap_id": R})
TRIED_AGAIN = {
    "journal": [*CALLS, called(), called("quiz", "c1"), call(path=f"{ACCEPTED}/{R}/retry", at=2.0)],
    "logs": LOGS | {"content": [claimed(1), said("ended: x"), claimed(3), said("ended: y")]},
    "requests": [request(fence=3)],
    "events": [*EVENTS, event("retried"), event("failed")],
}


BROKEN = [
    (nothing_lost, {"requests": []}, "lost"),
    (nothing_lost, {"requests": [request("running")]}, "still running"),
    (nothing_lost, {"requests": [request("failed")]}, "without a reason"),
    (nothing_lost, {"requests": [request("partially_completed", error={})]}, "without a reason"),
    (ends_agree, {"steps": [paid(5, 7, status="failed")]}, "complete, and 1 of its steps have failed"),
    (ends_agree, {"requests": [request(error={"code": "late"})]}, "complete, and has an error"),
    (ends_agree, {"requests": [request("partially_completed", error={"message": "m"})]}, "none of its steps"),
    (ends_agree, {"requests": [request(ended_at=None)]}, "the time of its end is not there"),
    (
        ends_agree,
        {"requests": [request("running", ended_at="2026-01-01")]},
        "is running, and the time of its end",
    ),
    (nothing_doubled, {"requests": [request(), request(id="r2")]}, "user u1 has 2 requests under the key"),
    (nothing_doubled, {"journal": [*CALLS, accepted() | {"roadmap_id": "r2"}]}, "promised 2 roadmaps"),
    (nothing_doubled, {"roadmaps": [ROADMAP, ROADMAP]}, f"roadmap {R} is there 2 times"),
    (nothing_doubled, {"events": [*EVENTS, event("accepted")]}, "event e-accepted is there 2 times"),
    (nothing_lost, {"users": []}, "belongs to no account"),
    (nothing_lost, {"users": [{"id": "u1", "email": "eve@example.com"}]}, "and is eve@example.com's"),
    (nothing_lost, {"requests": [request(idempotency_key="k2")]}, "is kept under k2"),
    (
        nothing_lost,
        {"requests": [request(), request(id="r2", idempotency_key="k2")]},
        "nobody was promised it",
    ),
    # Who is no owner, or was asked before there was anything, takes nothing away.
    (nothing_lost, {"journal": [*JOURNAL, DELETED | {"by": "eve@example.com"}], **GONE}, "is lost"),
    (nothing_lost, {"journal": [*JOURNAL, DELETED | {"at": 0.5}], **GONE}, "is lost"),
    (
        nothing_lost,
        {"journal": [*JOURNAL, call("DELETE", "/api/v1/auth/me", at=0.5, status=204)], **GONE},
        "is lost",
    ),
    (one_roadmap, {"roadmaps": [{"id": R}]}, "has no title"),
    (one_roadmap, {"steps": [paid(5, 7, concept_id="c1")]}, "has no concept c1"),
    (fences_monotone, {"logs": LOGS | {"content": []}}, "the logs tell of 0 claims"),
    (
        fences_monotone,
        {"requests": [request(fence=7)]},
        "the database has fence 7, the logs tell of 1 claims",
    ),
    (fences_monotone, {"requests": [request(fence=0)]}, "is completed with fence 0"),
    (
        events_stored,
        {"logs": LOGS | {"logs": []}, "journal": UNHURT},
        "3 events are stored, the logs of the workers tell of 0",
    ),
    (calls_logged, {"logs": LOGS | {"api": []}}, "no API has logged it so (r1)"),
    (
        owner_obeyed,
        {"journal": [*JOURNAL, DELETED]},
        "was deleted by its owner, and 1 requests of it are there",
    ),
    (
        owner_obeyed,
        {"journal": [*JOURNAL, call("DELETE", "/api/v1/auth/me", at=2.0, status=204)]},
        "and it is there",
    ),
    (
        owner_obeyed,
        {"journal": [*JOURNAL, call(path=f"{ACCEPTED}/{R}/retry", status=202)]},
        "1 calls of retry were answered so, there are 0",
    ),
    (
        owner_obeyed,
        {"journal": [*JOURNAL, call(path=f"{ACCEPTED}/{R}/cancel", status=200)]},
        "and is completed",
    ),
    (owner_obeyed, {"events": [*EVENTS, event("retried")]}, "0 calls of retry were answered so, there are 1"),
    (
        provider_calls,
        {"steps": [paid(5, 7, attempts=2)], "journal": UNHURT},
        "is counted 2 times, the provider was asked 1 times",
    ),
    (
        usage,
        {"journal": [called()] * 2, "steps": [paid(5, 7, attempts=2)]},
        "with 12 tokens, the provider told of 24",
    ),
    (
        usage,
        {"journal": [*JOURNAL, called()], "steps": [paid(0, 0, attempts=2)]},
        "with 0 tokens, the provider told of 24",
    ),
    (one_roadmap, {"roadmaps": []}, "completed with 0 roadmaps"),
    (one_roadmap, {"roadmaps": [ROADMAP, ROADMAP]}, "completed with 2 roadmaps"),
    (one_roadmap, {"requests": [request("failed", error={"message": "x"})]}, "failed with 1 roadmaps"),
    (one_roadmap, {"roadmaps": [ROADMAP, ROADMAP | {"id": "r2"}]}, "roadmap r2 belongs to no request"),
    (fences_monotone, {"logs": {"a": [claimed(1)], "b": [claimed(1)]}}, "a fence was given twice"),
    (fences_monotone, {"logs": {"a": [claimed(2), claimed(1)]}}, "the fences of a fell, [2, 1]"),
    (fences_monotone, {"logs": {"a": [claimed(1), claimed(2)]}}, "fence 2 was given, the database has 1"),
    (
        fences_monotone,
        {
            "logs": {"a": [claimed(1), said("ended: all is written")], "b": [claimed(2)]},
            "requests": [request(fence=2)],
        },
        "was ended by a with fence 1, and fence 2 was given",
    ),
    (
        fences_monotone,
        {
            "logs": {"a": [claimed(1), said("ended: x"), claimed(3), said("ended: y")]},
            "journal": [*JOURNAL, call(path=f"{ACCEPTED}/{R}/retry", status=409), DELETED],
            "requests": [],
            "events": [],
        },
        "was ended by a with fence 1, and fence 3 was given",
    ),
    (events_stored, {"outbox": [{"id": "e9"}]}, "e9 is still in the outbox"),
    (events_stored, {"events": [event("accepted")]}, "is completed, its 1 ends are stored as {}"),
    (events_stored, {"events": [*EVENTS, event("accepted")]}, "'accepted' is stored 2 times"),
    (events_stored, {"events": [*EVENTS, event("completed")]}, "1 ends are stored as {'completed': 2}"),
    (events_stored, {"events": [*EVENTS, event("retried")]}, "2 ends are stored as {'completed': 1}"),
    (events_stored, {"events": EVENTS[:2], "journal": UNHURT}, "emitted 1 best-effort events, only 0"),
    (
        events_stored,
        {
            "events": EVENTS[:2],
            "journal": [*UNHURT, fault("injected", name="Killed, pool child", target="roadmap-celery-logs")],
        },
        "emitted 1 best-effort events, only 0",
    ),
    (events_stored, {"events": [*EVENTS, event("quiz", "progress")]}, "emitted 1 best-effort events, 2"),
    (provider_calls, {"journal": [called()] * 4}, "asked 4 times, 3 are allowed"),
    (provider_calls, {"journal": [called()] * 2}, "asked 2 times, 1 are counted"),
    (  # that it was counted first gives nothing back
        provider_calls,
        {"journal": [*[called()] * 2, counted(None, 1), counted(1, 2)]},
        "asked 2 times, 1 are counted",
    ),
    (
        provider_calls,
        {"journal": [*[called()] * 3, counted(1, 0)], "requests": [request(fence=2)]},
        "asked 3 times, 2 are counted",
    ),
    (
        provider_calls,
        {"journal": [called()] * 3, "logs": {"a": [claimed(1), said("handed back, attempt given back")]}},
        "asked 3 times, 2 are counted",
    ),
    (provider_calls, {"journal": [called("quiz", "c")]}, "asked 1 times, 0 are counted"),
    (
        provider_calls,
        {"journal": [*UNHURT, called()], "steps": [paid(5, 7, attempts=2)]},
        "asked 2 times, and nothing was wrong with it",
    ),
    (usage, {"steps": [paid(5, 8)]}, "written down with 13 tokens, the provider told of 12"),
    (usage, {"steps": [paid(5, 0)]}, "written down with 5 tokens, the provider told of 12"),
    (usage, {"steps": [paid(5, 7), paid(1, 0, step="earlier")]}, "13 tokens are written down"),
    (
        rows_as_written,
        {"journal": [*JOURNAL, changed(status=["completed", "failed"])]},
        "status is 'completed', and 'failed' was written",
    ),
    (
        rows_as_written,
        {"journal": [*JOURNAL, changed(created_at=[None, "2026-01-01T10:00:00+00:00"])]},
        "created_at is None, and '2026-01-01T10:00:00+00:00' was written",
    ),
    (rows_as_written, {"journal": [*JOURNAL, changed("DELETE")]}, "is there, and nobody has written it"),
    (
        rows_as_written,
        {"journal": [*JOURNAL, changed("INSERT", "r2", id=[None, "r2"])]},
        "r2 was written and is gone",
    ),
    (rows_as_written, {"journal": [*JOURNAL, changed("TRUNCATE")]}, "is there, and nobody has written it"),
    (
        rows_as_written,
        {"journal": [*JOURNAL, changed(error=[None, f"{'x' * 200}... (201 characters)"])]},
        "error is None",
    ),
    (
        nothing_lost,
        {"journal": [CALLS[0]], "logs": LOGS | {"api": [ANSWERED]}, **GONE},
        "was accepted, as an API has logged, and is lost",
    ),
    (
        nothing_doubled,
        {"events": [*EVENTS, *(event("quiz", id=one, occurred_at="2026-01-01") for one in ("e8", "e9"))]},
        "is stored 2 times",
    ),
    (ends_agree, {"steps": [paid(5, 7, output=None)]}, "is complete, and nothing was written for it"),
    (
        fences_monotone,
        {"logs": {"a": [claimed(1), said("ended: x")], "b": [said("ended: x")]}},
        "1 ends were logged where nobody had logged a claim",
    ),
    *(
        (usage, TRIED_AGAIN | {"steps": steps}, "tokens in all, the provider told of 24")
        for steps in ([paid(5, 7), paid(0, 0, step="earlier")], [paid(5, 7), paid(5, 6, step="earlier")])
    ),
    (drained, {"requests": [request("queued")]}, "is queued"),
    (drained, {"waiting": {"content": 2}}, "2 messages wait in content"),
    (
        latency,
        {"journal": [*CALLS, accepted(milliseconds=6001.0)]},
        "POST /api/v1/roadmaps: p99 of 3 is 6001",
    ),
    (latency, {"journal": [call("GET", "/health", milliseconds=1001.0)]}, "GET /health: p99 of 1 is 1001 ms"),
    (latency, {"journal": [*CALLS, accepted(outcome="unknown", milliseconds=15000.0)]}, "is 15000 ms"),
]


@pytest.mark.parametrize(("check", "change", "fact"), BROKEN)
def test_a_broken_history_is_seen(check, change, fact):
    finding = check(sound_but(**change))
    assert finding.outcome is Outcome.VIOLATED
    assert fact in " ".join(finding.facts)
    assert "hunter2" not in " ".join(finding.facts)


def test_every_check_has_a_broken_history():
    assert {check for check, _, _ in BROKEN} == set(CHECKS)


LEFT_ALONE = [
    # An answer that was lost on its way is not held against the product.
    (usage, {"journal": [*JOURNAL, called()], "steps": [paid(5, 7, attempts=2)]}),
    # What its owner has deleted may be gone, also where nobody heard the answer.
    (nothing_lost, {"journal": [*JOURNAL, DELETED], "requests": [], "roadmaps": []}),
    (nothing_lost, {"journal": [*JOURNAL, DELETED | {"outcome": "unknown"}], "requests": []}),
    (
        nothing_lost,
        {"journal": [*JOURNAL, call("DELETE", "/api/v1/auth/me", at=2.0, status=204)], "requests": []},
    ),
    (fences_monotone, {"journal": [*JOURNAL, DELETED], "requests": []}),
    # A second attempt, or a scripted answer, may ask again.
    (provider_calls, {"journal": [called(outcome="fault"), called()], "steps": [paid(5, 7, attempts=2)]}),
    (provider_calls, {"journal": [called(rule="r"), called()], "steps": [paid(5, 7, attempts=2)]}),
    (
        provider_calls,
        {"journal": [called(), called()], "steps": [paid(5, 7, attempts=2)], "requests": [request(fence=2)]},
    ),
    # So may each claim that its worker has given up, in whichever words.
    *(
        (provider_calls, {"journal": [*JOURNAL, called()], "logs": {"a": [claimed(1), said(words)]}})
        for words in (
            "handed back, attempt given back",
            "not handed back, its lease will",
            "the lease was lost",
        )
    ),
    # Or has given up and written so into the row, and was ended before it could say it.
    (
        provider_calls,
        {"journal": [*UNHURT, called(), counted(1, 0)], "requests": [request(fence=2)]},
    ),
    # What an owner has tried again and then deleted, with all events of it: his calls tell of it.
    *(
        (
            fences_monotone,
            {
                "journal": [*JOURNAL, call(path=f"{ACCEPTED}/{R}/retry", **answer), DELETED],
                "logs": {"a": [claimed(1), said("ended: x"), claimed(3), said("ended: y")]},
                "requests": [],
                "events": [],
            },
        )
        for answer in ({"status": 202}, {"status": None, "outcome": "unknown"})
    ),
    # An owner's retry comes after an end that was one.
    (
        fences_monotone,
        {
            "logs": {"a": [claimed(1), said("ended: x"), claimed(2), said("ended: y")]},
            "requests": [request(fence=3)],
            "events": [*EVENTS, event("retried"), event("failed")],
        },
    ),
    # Best-effort events may be lost where Redis was, and where a worker said that it was.
    (events_stored, {"events": EVENTS[:2], "logs": LOGS | {"logs": [said("stored 2 of 2 events")]}}),
    (
        events_stored,
        {
            "events": EVENTS[:2],
            "journal": UNHURT,
            "logs": {
                "content": ["3 messages not published, the sweeper will: x", said("stored 2 of 2 events")]
            },
        },
    ),
    # What was deleted by a client that is not ours may be what an API has accepted from it.
    (
        nothing_lost,
        {
            "logs": LOGS
            | {
                "api": [
                    ANSWERED.replace(R, "r2"),
                    json.dumps({"message": "DELETE '/api/v1/roadmaps/r2' 204 9.1 ms"}),
                ]
            }
        },
    ),
    # Of what was tried again the whole sum is asked for where all of it is known: not of an answer that was scripted and is gone,
    # of a claim that was given up, or where something was hurt.
    (usage, TRIED_AGAIN | {"steps": [paid(5, 7), paid(5, 7, step="earlier")]}),
    *(
        (usage, TRIED_AGAIN | {"steps": [paid(5, 7), paid(0, 0, step="earlier")]} | change)
        for change in (
            {
                "journal": [
                    *TRIED_AGAIN["journal"][:-2],
                    called("quiz", "c1", rule="r"),
                    TRIED_AGAIN["journal"][-1],
                ]
            },
            {"journal": [*TRIED_AGAIN["journal"], fault("injected")]},
            {
                "logs": LOGS
                | {"content": [claimed(1), said("the lease was lost, x"), claimed(3), said("ended: y")]}
            },
        )
    ),
    # Each source writes times and numbers, and what is long, as it does.
    *(
        (
            rows_as_written,
            {"requests": [request(one=value)], "journal": [*JOURNAL, changed(one=[None, noted])]},
        )
        for value, noted in (
            ("2026-01-01 10:00:00.500000+00:00", "2026-01-01T10:00:00.5+00:00"),
            ("2026-01-01 10:00:00+00:00", "2026-01-01T12:00:00+02:00"),
            ("0.000070", 0.00007),
            ({"text": "é" * 300}, f'{{"text": "{"é" * 190}... (312 characters)'),
        )
    ),
    # What came, got another name, and went.
    (
        rows_as_written,
        {
            "journal": [
                *JOURNAL,
                changed("INSERT", "r2", id=[None, "r2"]),
                changed(identifier="r3", id=["r2", "r3"]),
                changed("DELETE", "r3"),
            ]
        },
    ),
    # An API that was frozen itself cannot answer.
    (
        latency,
        {
            "journal": [
                *CALLS,
                accepted(outcome="unknown", milliseconds=15000.0, at=16.0),
                fault("injected", target="roadmap-api"),
            ]
        },
    ),
]


@pytest.mark.parametrize(("check", "change"), LEFT_ALONE)
def test_what_is_nobodys_fault_is_left_alone(check, change):
    assert check(sound_but(**change)).outcome is Outcome.HOLDS


def test_the_products_checks_are_asked_of_every_scenario_beside_the_harness_own():
    asked = {check.__name__ for check in Judges.of(app)}
    own = {check.__name__ for check in CHECKS}
    assert asked - own == {"no_unexpected_error", "whole", *(check.__name__ for check in OF_ANY)}
    assert set(Judges.of(app).judge(sound_but(journal=UNHURT))) == asked


NOBODY_ASKED = Evidence(
    journal=[call("GET", "/health", status=200)],
    logs={"api": ["x"]},
    tables={table: [] for table in TABLES.values()},
)
WITH_NOTHING = (
    nothing_lost,
    nothing_doubled,
    one_roadmap,
    fences_monotone,
    events_stored,
    provider_calls,
    usage,
)


@pytest.mark.parametrize("check", WITH_NOTHING[:5], ids=lambda check: check.__name__)
def test_where_no_roadmap_was_asked_for_there_is_nothing_to_judge_and_that_is_proved(check):
    whole = replace(NOBODY_ASKED, manifest=manifest_of(NOBODY_ASKED))
    assert check(whole).outcome is Outcome.NOTHING
    unheard = replace(whole, journal=[call(outcome="unknown", status=None)])
    assert check(replace(unheard, manifest=manifest_of(unheard))).outcome is not Outcome.NOTHING
    assert check(replace(whole, tables={})).outcome is Outcome.UNKNOWN


DELETED_ALL = {"journal": [*CALLS, called(), DELETED], **GONE}


@pytest.mark.parametrize("check", [*WITH_NOTHING, owner_obeyed], ids=lambda check: check.__name__)
def test_what_was_all_deleted_by_its_owner_is_sound(check):
    assert check(sound_but(**DELETED_ALL)).outcome is Outcome.HOLDS


def test_of_two_processes_of_a_node_one_may_write_an_older_claim_late():
    def at(second, text):
        return json.dumps(json.loads(text) | {"time": f"2026-01-01T00:00:0{second}+00:00"})

    late = [at(2, claimed(2)), at(1, claimed(1)), at(3, said("ended: x"))]
    assert fences_monotone(sound_but(logs={"a": late}, requests=[request(fence=2)])).outcome is Outcome.HOLDS


def test_an_owners_retry_is_sound():
    again = call(path=f"{ACCEPTED}/{R}/retry", status=202, at=2.0, roadmap_id=R)
    logs = LOGS | {
        "content": [claimed(1), said("ended: x"), claimed(3), said("ended: y")],
        "logs": [said("stored 5 of 5 events")],
    }
    tried = sound_but(
        journal=[*JOURNAL, called(), again],
        requests=[request(fence=3)],
        events=[*EVENTS, event("retried"), event("failed")],
        steps=[paid(5, 7), OUTLINE, paid(5, 7, step="earlier")],
        logs=logs,
    )
    found = {check.__name__: check(tried) for check in checks.CHECKS}
    assert {name: f.facts for name, f in found.items() if f.outcome is not Outcome.HOLDS} == {}


def test_a_queue_that_nobody_looked_into_is_unknown():
    finding = drained(sound_but(waiting={"content": 0}))
    assert (finding.outcome, finding.facts) == (
        Outcome.UNKNOWN,
        ("nobody has looked into the queue logs",),
    )


def test_calls_for_a_step_are_bounded_as_the_deployment_is_set():
    four = {"journal": [*JOURNAL, *[called()] * 3], "steps": [paid(20, 28, attempts=4), OUTLINE]}
    assert provider_calls(sound_but(**four)).outcome is Outcome.VIOLATED
    assert provider_calls(sound_but(**four, facts={kept.MAX_STEP_ATTEMPTS: 4})).outcome is Outcome.HOLDS
    assert kept.facts({CONTENT: {"OPENAI_MAX_ATTEMPTS": "5"}}) == {kept.MAX_STEP_ATTEMPTS: 5}
    assert kept.facts({CONTENT: {}}) == {kept.MAX_STEP_ATTEMPTS: 3}
