"""Every check is fed a broken history and must go red for it, and green for the sound one it was broken from."""

from dataclasses import replace
from typing import Any

import pytest

from harness.checks import CHECKS, Outcome
from harness.checks.drained import drained
from harness.checks.events_stored import events_stored
from harness.checks.no_secret import no_secret
from harness.checks.one_end import one_end
from harness.checks.provider_calls import provider_calls
from harness.checks.usage import usage
from harness.evidence import Evidence, Row

R = "r1"


def request(status: str = "completed", **changes: Any) -> Row:
    ended = None if status in {"queued", "running"} else "2026-01-01"
    return {"id": R, "status": status, "error": None, "ended_at": ended} | changes


def event(step: str, category: str = "lifecycle") -> Row:
    return {"id": "e", "request_id": R, "step": step, "category": category}


def called(step: str = "intent", concept: str | None = None) -> Row:
    return {"request": R, "step": step, "concept": concept, "prompt_tokens": 5, "completion_tokens": 7}


def paid(prompt: int, completion: int, **changes: Any) -> Row:
    step = {"request_id": R, "step": "intent", "concept_id": "", "attempts": 1, "status": "completed"}
    return step | {"prompt_tokens": prompt, "completion_tokens": completion} | changes


SOUND = Evidence(
    calls=[{"path": "/health"}, {"roadmap_id": R}, {"roadmap_id": R}],
    requests=[request()],
    roadmaps=[{"id": R}],
    steps=[paid(5, 7)],
    events=[event("accepted"), event("completed"), event("intent", "progress")],
    provider_calls=[called()],
    waiting={"content": 0, "logs": 0},
    logs={"api": ["started"]},
    secrets={"JWT_SECRET_KEY": "hunter2"},
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_sound_history_holds(check):
    assert check(SOUND).outcome is Outcome.HOLDS


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_nothing_seen_is_unknown(check):
    assert check(Evidence()).outcome is Outcome.UNKNOWN


BROKEN = [
    (one_end, {"requests": []}, "lost"),
    (one_end, {"requests": [request("running")], "roadmaps": []}, "still running"),
    (one_end, {"roadmaps": []}, "completed with 0 roadmaps"),
    (one_end, {"roadmaps": [{"id": R}, {"id": R}]}, "completed with 2 roadmaps"),
    (one_end, {"requests": [request("failed", error={"message": "x"})]}, "failed with 1 roadmaps"),
    (one_end, {"requests": [request("failed")], "roadmaps": []}, "without a reason"),
    (one_end, {"requests": [request("partially_completed", error={})]}, "without a reason"),
    (events_stored, {"outbox": [{"id": "e9"}]}, "e9 is still in the outbox"),
    (events_stored, {"events": [event("accepted")]}, "is completed, its 1 ends are stored as {}"),
    (events_stored, {"events": [*SOUND.events, event("accepted")]}, "'accepted' is stored 2 times"),
    (events_stored, {"events": [*SOUND.events, event("completed")]}, "1 ends are stored as {'completed': 2}"),
    (events_stored, {"events": [*SOUND.events, event("retried")]}, "2 ends are stored as {'completed': 1}"),
    (provider_calls, {"provider_calls": [called()] * 4}, "asked 4 times, 3 are allowed"),
    (provider_calls, {"provider_calls": [called()] * 2}, "asked 2 times, 1 are counted"),
    (provider_calls, {"provider_calls": [called("quiz", "c")]}, "asked 1 times, 0 are counted"),
    (usage, {"steps": [paid(5, 8)]}, "written down with 13 tokens, the provider told of 12"),
    (usage, {"steps": [paid(5, 0)]}, "written down with 5 tokens, the provider told of 12"),
    (usage, {"steps": [paid(5, 7), paid(1, 0, step="earlier")]}, "13 tokens are written down"),
    (drained, {"requests": [request("queued")]}, "is queued"),
    (drained, {"waiting": {"content": 2}}, "2 messages wait in content"),
    (no_secret, {"logs": {"api": ["ok", "key=hunter2"]}}, "JWT_SECRET_KEY is in line 2 of the log of api"),
]


@pytest.mark.parametrize(("check", "change", "fact"), BROKEN)
def test_a_broken_history_is_seen(check, change, fact):
    finding = check(replace(SOUND, **change))
    assert finding.outcome is Outcome.VIOLATED
    assert fact in " ".join(finding.facts)
    assert "hunter2" not in " ".join(finding.facts)


def test_every_check_has_a_broken_history():
    assert {check for check, _, _ in BROKEN} == set(CHECKS)


def test_an_answer_that_was_lost_on_its_way_is_not_held_against_the_product():
    twice = replace(SOUND, provider_calls=[called()] * 2, steps=[paid(5, 7, attempts=2)])
    assert usage(twice).outcome is Outcome.HOLDS
