"""Every check is fed a broken history and must go red for it, and green for the sound one it was broken from."""

from dataclasses import replace

import pytest
from harness.tests.evidence.history import (
    CALLS,
    EVENTS,
    FAULT,
    JOURNAL,
    LOGS,
    SAMPLES,
    SOUND,
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
    sampled,
)

from harness.evidence.checks import ALWAYS, CHECKS, Outcome, judge
from harness.evidence.checks.connections import connections
from harness.evidence.checks.descriptors import descriptors
from harness.evidence.checks.faults_bitten import faults_bitten
from harness.evidence.checks.latency import latency, nearest_rank
from harness.evidence.checks.memory import memory
from harness.evidence.checks.no_secret import no_secret
from harness.evidence.checks.no_unexpected_error import no_unexpected_error
from harness.evidence.evidence import Evidence
from scenarios.roadmaps.checks.drained import drained
from scenarios.roadmaps.checks.events_stored import events_stored
from scenarios.roadmaps.checks.fences_monotone import fences_monotone
from scenarios.roadmaps.checks.nothing_doubled import nothing_doubled
from scenarios.roadmaps.checks.nothing_lost import nothing_lost
from scenarios.roadmaps.checks.one_roadmap import one_roadmap
from scenarios.roadmaps.checks.provider_calls import provider_calls
from scenarios.roadmaps.checks.usage import usage

UNHURT = [*CALLS, called()]
DELETED = call("DELETE", f"/api/v1/roadmaps/{R}", status=204)
ERROR = '{"level": "error", "message": "the pool is on fire"}'


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_sound_history_holds(check):
    assert check(SOUND).outcome is Outcome.HOLDS


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_nothing_seen_is_unknown(check):
    assert check(Evidence()).outcome is Outcome.UNKNOWN


BROKEN = [
    (nothing_lost, {"requests": []}, "lost"),
    (nothing_lost, {"requests": [request("running")]}, "still running"),
    (nothing_lost, {"requests": [request("failed")]}, "without a reason"),
    (nothing_lost, {"requests": [request("partially_completed", error={})]}, "without a reason"),
    (nothing_doubled, {"requests": [request(), request(id="r2")]}, "user u1 has 2 requests under the key"),
    (nothing_doubled, {"journal": [*CALLS, accepted() | {"roadmap_id": "r2"}]}, "promised 2 roadmaps"),
    (nothing_doubled, {"roadmaps": [{"id": R}, {"id": R}]}, f"roadmap {R} is there 2 times"),
    (nothing_doubled, {"events": [*EVENTS, event("accepted")]}, "event e-accepted is there 2 times"),
    (one_roadmap, {"roadmaps": []}, "completed with 0 roadmaps"),
    (one_roadmap, {"roadmaps": [{"id": R}, {"id": R}]}, "completed with 2 roadmaps"),
    (one_roadmap, {"requests": [request("failed", error={"message": "x"})]}, "failed with 1 roadmaps"),
    (one_roadmap, {"roadmaps": [{"id": R}, {"id": "r2"}]}, "roadmap r2 belongs to no request"),
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
    (drained, {"requests": [request("queued")]}, "is queued"),
    (drained, {"waiting": {"content": 2}}, "2 messages wait in content"),
    (
        latency,
        {"journal": [*CALLS, accepted(milliseconds=6001.0)]},
        "POST /api/v1/roadmaps: p99 of 3 is 6001",
    ),
    (latency, {"journal": [call("GET", "/health", milliseconds=1001.0)]}, "GET /health: p99 of 1 is 1001 ms"),
    (latency, {"journal": [*CALLS, accepted(outcome="unknown", milliseconds=15000.0)]}, "is 15000 ms"),
    (no_secret, {"logs": {"api": ["ok", "key=hunter2"]}}, "JWT_SECRET_KEY is in line 2 of the log of api"),
    (no_secret, {"startup": {"api": ["key=hunter2"]}}, "JWT_SECRET_KEY is in line 1 of the startup of api"),
    (no_secret, {"others": {"users": [{"name": "hunter2"}]}}, "JWT_SECRET_KEY is in a row of users"),
    (
        no_secret,
        {"logs": {"api": ["Bearer eyJhbGci.eyJzdWIi.c2ln"]}},
        "a token is in line 1 of the log of api",
    ),
    (no_secret, {"logs": {"api": ["Bearer <token>"]}}, "a token is in line 1"),  # as it is saved
    (no_unexpected_error, {"logs": LOGS | {"api": [ERROR]}}, "api: " + ERROR),
    (no_unexpected_error, {"logs": {"api": ["Traceback (most recent call last):"]}}, "api: Traceback"),
    (faults_bitten, {"journal": [fault("injected"), fault("healed")]}, "Refused of redis (1) never bit"),
    (
        faults_bitten,
        {"journal": [*FAULT[:3], fault("not recovered", seconds=15.1, budget=15.0)]},
        "not recovered within 15.0 s",
    ),
    (faults_bitten, {"journal": FAULT[:2]}, "Refused of redis (1) was not healed"),
    (
        faults_bitten,
        {"journal": [*FAULT[:3], fault("recovered", seconds=16, budget=15.0)]},
        "took 16 s of 15.0",
    ),
    (connections, {"journal": [sampled(), sampled(connections={"api": 22})]}, "api holds 22 connections"),
    (connections, {"journal": [sampled(), sampled(connections={"other": 1})]}, "other holds 1 connections"),
    (
        connections,
        {"journal": [sampled(), sampled(redis=50)]},
        "Redis has 50 clients, it had 9, 49 are allowed",
    ),
    (descriptors, {"journal": [sampled(), sampled(descriptors={"api": 101})]}, "api holds 101 descriptors"),
    (
        memory,
        {"journal": [sampled(memory={"api": 513 << 20}), sampled()]},
        "api uses 513 MB, 512 are allowed",
    ),
]


@pytest.mark.parametrize(("check", "change", "fact"), BROKEN)
def test_a_broken_history_is_seen(check, change, fact):
    finding = check(replace(SOUND, **change))
    assert finding.outcome is Outcome.VIOLATED
    assert fact in " ".join(finding.facts)
    assert "hunter2" not in " ".join(finding.facts)


def test_every_check_has_a_broken_history():
    assert {check for check, _, _ in BROKEN} == set(CHECKS)


LEFT_ALONE = [
    # An answer that was lost on its way is not held against the product.
    (usage, {"journal": [called()] * 2, "steps": [paid(5, 7, attempts=2)]}),
    (
        provider_calls,
        {
            "journal": [called("quiz", "所有权", concept_id="c1")],
            "steps": [paid(5, 7, step="quiz", concept_id="c1")],
        },
    ),
    (
        provider_calls,  # saved before concepts had ids of their own
        {"journal": [called("quiz", "a")], "steps": [paid(5, 7, step="quiz", concept_id="a")]},
    ),
    (
        usage,
        {
            "journal": [called("quiz", "所有权", concept_id="c1")],
            "steps": [paid(5, 7, step="quiz", concept_id="c1")],
        },
    ),
    # What its owner has deleted may be gone, also where nobody heard the answer.
    (nothing_lost, {"journal": [*JOURNAL, DELETED], "requests": [], "roadmaps": []}),
    (nothing_lost, {"journal": [*JOURNAL, DELETED | {"outcome": "unknown"}], "requests": []}),
    (nothing_lost, {"journal": [*JOURNAL, call("DELETE", "/api/v1/auth/me", status=204)], "requests": []}),
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
    # An owner's retry comes after an end that was one.
    (
        fences_monotone,
        {
            "logs": {"a": [claimed(1), said("ended: x"), claimed(2), said("ended: y")]},
            "requests": [request(fence=2)],
            "events": [*EVENTS, event("retried")],
        },
    ),
    # Best-effort events may be lost where Redis was, and where a worker said that it was.
    (events_stored, {"events": EVENTS[:2]}),
    (
        events_stored,
        {
            "events": EVENTS[:2],
            "journal": UNHURT,
            "logs": {"content": ["3 messages not published, the sweeper will: ConnectionError"]},
        },
    ),
    # An API that was frozen itself cannot answer.
    (
        latency,
        {
            "journal": [
                *CALLS,
                accepted(outcome="unknown", milliseconds=15000.0),
                fault("injected", target="roadmap-api"),
            ]
        },
    ),
    (no_unexpected_error, {"logs": LOGS | {"api": [ERROR]}, "expected_errors": ["pool is on fire"]}),
]


@pytest.mark.parametrize(("check", "change"), LEFT_ALONE)
def test_what_is_nobodys_fault_is_left_alone(check, change):
    assert check(replace(SOUND, **change)).outcome is Outcome.HOLDS


def test_what_was_neither_hurt_nor_sampled_is_not_judged_for_it():
    assert set(judge(SOUND)) == {check.__name__ for check in CHECKS}
    unhurt = replace(SOUND, journal=UNHURT)
    assert set(judge(unhurt)) == {check.__name__ for check in ALWAYS}
    assert "usage" not in judge(replace(unhurt, not_judged=["usage"]))
    assert set(judge(replace(unhurt, journal=[*UNHURT, *SAMPLES]))) == {
        check.__name__ for check in CHECKS if check is not faults_bitten
    }


def test_a_percentile_is_one_of_the_values():
    assert nearest_rank([1, 2, 3, 4], 0.99) == 4
    assert nearest_rank(list(range(1, 201)), 0.99) == 198
    assert nearest_rank([7], 0.5) == 7
