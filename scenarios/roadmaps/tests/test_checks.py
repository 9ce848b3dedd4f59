"""Every check of the product is fed a broken history and must go red for it, and green for the sound one it was broken from."""

import pytest

from harness import Evidence, Outcome
from harness.evidence.checks import Judges
from scenarios.roadmaps import checks
from scenarios.roadmaps.application import app
from scenarios.roadmaps.checks.drained import drained
from scenarios.roadmaps.checks.events_stored import events_stored
from scenarios.roadmaps.checks.fences_monotone import fences_monotone
from scenarios.roadmaps.checks.nothing_doubled import nothing_doubled
from scenarios.roadmaps.checks.nothing_lost import nothing_lost
from scenarios.roadmaps.checks.one_roadmap import one_roadmap
from scenarios.roadmaps.checks.provider_calls import provider_calls
from scenarios.roadmaps.checks.usage import usage
from scenarios.roadmaps.tests.history import (
    CALLS,
    EVENTS,
    JOURNAL,
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
    sound_but,
)

UNHURT = [*CALLS, called()]
DELETED = call("DELETE", f"/api/v1/roadmaps/{R}", status=204)
latency = next(
    check for check in Judges.of(app) if check.__name__ == "latency"
)  # for the product's own budgets
CHECKS = (*checks.CHECKS, latency)


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
    (usage, {"journal": [called()] * 2, "steps": [paid(5, 7, attempts=2)]}),
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
]


@pytest.mark.parametrize(("check", "change"), LEFT_ALONE)
def test_what_is_nobodys_fault_is_left_alone(check, change):
    assert check(sound_but(**change)).outcome is Outcome.HOLDS


def test_the_products_checks_are_asked_of_every_scenario_beside_the_harness_own():
    asked = {check.__name__ for check in Judges.of(app).always}
    assert {check.__name__ for check in CHECKS} | {"no_secret", "no_unexpected_error"} == asked
    assert set(Judges.of(app).judge(sound_but(journal=UNHURT))) == asked
