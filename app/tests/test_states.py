"""The table of states is consistent, and no other module contains the words."""

import ast
import hashlib
from pathlib import Path

import pytest

from app.core.broker import HARD_LIMIT_MARGIN_SECONDS, VISIBILITY_TIMEOUT_SECONDS
from app.core.settings import Settings
from app.migrations.functions import ACCEPT_IN_SESSION, ACCEPT_ROADMAP
from app.roadmaps import states
from app.roadmaps.states import ENDED, OPEN, OWNER, STATES, STATUSES

APP = Path(states.__file__).parents[1]
HISTORY = APP / "migrations" / "versions"
WORDS = {*STATUSES, *states.STEP_STATUSES, states.PENDING}


def words_in(source: str) -> list[str]:
    """Every text in a program that is a status, or contains one in quotes, as in SQL."""
    texts = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    return [
        f"line {text.lineno}: {word}"
        for text in texts
        if isinstance(text.value, str)
        for word in WORDS
        if text.value == word or f"'{word}'" in text.value
    ]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("status = 'queued'", 1),
        ("text(\"WHERE status = 'running'\")", 1),
        ("text(f\"WHERE {x} AND status IN ('queued', 'failed')\")", 2),
        ("status = QUEUED", 0),
        ('"""It is running until it has failed."""', 0),
    ],
)
def test_the_reader_finds_a_status_where_there_is_one(source, found):
    assert len(words_in(source)) == found


def test_a_status_is_written_in_one_place_only():
    read = [
        path
        for path in APP.rglob("*.py")
        if path != Path(states.__file__) and not {HISTORY, APP / "tests"} & set(path.parents)
    ]
    assert len(read) > 50
    assert {str(path.relative_to(APP)): found for path in read if (found := words_in(path.read_text()))} == {}


def test_every_state_is_open_or_ended():
    assert tuple(STATES) == STATUSES
    assert {*OPEN} | {*ENDED} == {*STATUSES}
    assert not {*OPEN} & {*ENDED}
    assert {to for state in STATES.values() for way in state.exits for to in way.to} <= {*STATUSES}


@pytest.mark.parametrize("status", OPEN)
def test_from_an_open_state_others_than_its_owner_lead_to_an_end(status):
    reached, left = set(), [status]
    while left:
        others = [way for way in STATES[left.pop()].exits if way.by != (OWNER,)]
        new = {to for way in others for to in way.to} - reached
        reached |= new
        left += new
    assert reached & {*ENDED}


@pytest.mark.parametrize("status", ENDED)
def test_an_end_is_left_by_nobody_but_its_owner(status):
    assert {way.by for way in STATES[status].exits} <= {(OWNER,)}


def test_what_is_made_of_the_table():
    assert states.RETRYABLE == ("partially_completed", "failed", "cancelled")
    assert states.CANCELLABLE == OPEN == ("queued", "running")
    assert states.WITHOUT_ROADMAP == ("failed", "cancelled")


def test_what_a_revision_has_created_never_changes():
    """A program of another release may call it: a change needs another function, made by another revision."""
    known = {
        ACCEPT_ROADMAP: "328357e1237d3b968bc3d36ccef9694c7557a3fae0a11b7bc142e85b04d5aa84",
        ACCEPT_IN_SESSION: "fba8649b415625d31aa58ba71bff56f4e7bd0f8f4123ee15961131b42204185a",
    }
    assert {made: hashlib.sha256(made.encode()).hexdigest() for made in known} == known


def most(field: str) -> float:
    """The largest allowed value of a setting."""
    return next(limit.le for limit in Settings.model_fields[field].metadata if hasattr(limit, "le"))


def test_no_time_that_the_program_writes_is_further_away_than_what_counts_as_past():
    assert most("lease_seconds") <= states.LONGEST_LEASE_SECONDS
    assert most("dispatch_grace_seconds") <= states.LONGEST_PAUSE_SECONDS <= states.LONGEST_LEASE_SECONDS


def test_a_message_is_not_handed_out_again_while_its_attempt_may_last():
    assert most("generation_timeout_seconds") + HARD_LIMIT_MARGIN_SECONDS < VISIBILITY_TIMEOUT_SECONDS


@pytest.mark.parametrize(("call", "attempt", "cut"), [(60, 280, 60), (300, 280, 140), (60, 3, 1.5)])
def test_in_each_attempt_a_call_comes_to_its_end(call, attempt, cut):
    settings = Settings(
        service_type="celery_content", openai_timeout_seconds=call, generation_timeout_seconds=attempt
    )
    assert settings.call_seconds == cut
