"""Rules: which one decides, and which of its steps is next."""

import pytest

from harness.providers.http.scenario import Rule
from harness.providers.http.steps import Reply
from harness.providers.script import Asked, Match, Script
from harness.providers.steps import Fault

ASKED = Asked(
    path="/pay",
    request="r1",
    step="quiz",
    concept="c1",
    message="about Rust",
    key="r1/quiz/c1",
)


def steps(script: Script, asked: Asked, count: int) -> list[str]:
    taken = [script.take(asked) for _ in range(count)]
    return ["none" if t is None else "nothing" if t.step is None else type(t.step).__name__ for t in taken]


def rule(*made, name: str = "rule", after: str = "next", **match) -> Rule:
    return Rule(id=name, match=Match(**match), steps=made, after=after)


def test_without_rules_nothing_decides():
    assert Script().take(ASKED) is None


def test_steps_are_taken_in_order_and_then_the_next_rule_has_its_turn():
    script = Script()
    script.put(rule(Fault(times=2), Reply(times=1, text="x"), name="first", step="quiz"))
    script.put(rule(Fault(times=1), name="second"))
    assert steps(script, ASKED, 5) == ["Fault", "Fault", "Reply", "Fault", "none"]


def test_a_step_without_times_lasts():
    script = Script()
    script.put(rule(Fault()))
    assert steps(script, ASKED, 3) == ["Fault"] * 3


def test_counters_belong_to_what_is_asked_and_not_to_the_attempt():
    script = Script()
    script.put(rule(Fault(times=1)))
    other = Asked(request="r2", step="quiz", concept="c1", key="r2/quiz/c1")
    again = Asked(request="r1", step="quiz", concept="c1", attempt=2, key="r1/quiz/c1")
    assert [steps(script, asked, 1)[0] for asked in (ASKED, other, again)] == ["Fault", "Fault", "none"]


@pytest.mark.parametrize(
    ("match", "fits"),
    [
        ({}, True),
        ({"step": "quiz", "concept": "c1", "request": "r1", "method": "POST", "path": "/pay"}, True),
        ({"contains": "Rust"}, True),
        ({"contains": "Go"}, False),
        ({"step": "tutorial"}, False),
        ({"concept": ""}, False),
    ],
)
def test_every_field_that_is_set_must_fit(match, fits):
    script = Script()
    script.put(rule(Fault(), **match))
    assert (script.take(ASKED) is not None) is fits
    assert (Match(**match).differences(ASKED) == []) is fits


def test_steps_can_cycle():
    script = Script()
    script.put(rule(Fault(times=1), Reply(times=2, text="x"), after="cycle"))
    assert steps(script, ASKED, 7) == ["Fault", "Reply", "Reply", "Fault", "Reply", "Reply", "Fault"]


def test_after_the_last_step_there_can_be_nothing():
    script = Script()
    script.put(rule(Reply(times=1, text="x"), after="nothing"))
    script.put(rule(Fault(), name="never"))
    assert steps(script, ASKED, 3) == ["Reply", "nothing", "nothing"]


def test_a_rule_that_is_put_again_goes_on_counting():
    script = Script()
    script.put(rule(Fault(times=1)))
    steps(script, ASKED, 1)
    script.put(rule(Fault(times=1), Reply(times=1, text="x")))
    assert steps(script, ASKED, 2) == ["Reply", "none"]


def test_counters_are_bounded(monkeypatch):
    monkeypatch.setattr("harness.providers.script.MOST_COUNTERS", 2)
    script = Script()
    script.put(rule(Fault(times=1)))
    asked = [Asked(key=key) for key in "abcd"]
    assert [steps(script, one, 1)[0] for one in asked] == ["Fault"] * 4
    assert steps(script, asked[3], 1) == ["none"]
    assert steps(script, asked[0], 1) == ["Fault"]  # long forgotten


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [({}, True), ({"X-Kind": "paid"}, True), ({"x-kind": "refunded"}, False), ({"other": "paid"}, False)],
)
def test_every_header_that_is_set_must_fit(wanted, fits):
    script, came = Script(), {b"x-kind": b"paid"}
    script.put(rule(Fault(), headers=wanted))
    assert (script.take(ASKED, came) is not None) is fits
    assert (Match(headers=wanted).differences(ASKED, came) == []) is fits


def test_what_comes_nearest_is_shown_with_what_keeps_it_from_matching():
    script = Script()
    script.put(rule(Fault(), name="far", path="/other", step="intent", concept="c2"))
    script.put(rule(Fault(), name="near", path="/pay", headers={"x-kind": "paid"}, contains="Go"))
    assert script.nearest(ASKED) == (
        "near (path='/pay', contains='Go', headers={'x-kind': 'paid'}): "
        "'Go' is not in the body; x-kind is None, not 'paid'"
    )


def test_clearing_forgets_counters_too():
    script = Script()
    script.put(rule(Fault(times=1)))
    steps(script, ASKED, 1)
    script.clear()
    script.put(rule(Fault(times=1)))
    assert steps(script, ASKED, 2) == ["Fault", "none"]
