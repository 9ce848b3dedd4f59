import asyncio

import pytest

from harness.providers.openai.script import Asked, Match, Rule, Script
from harness.providers.openai.steps import Fault, Reply
from harness.tests.providers.openai.test_with_the_sdk import ask

ASKED = Asked(
    request="r1", step="quiz", concept="c1", schema="quiz", model="m", message="about Rust", key="r1/quiz/c1"
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
    script.put(rule(Fault(times=2), Reply(times=1, content="x"), name="first", step="quiz"))
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
        ({"step": "quiz", "concept": "c1", "request": "r1", "schema": "quiz", "model": "m"}, True),
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
    script.put(rule(Fault(times=1), Reply(times=2, content="x"), after="cycle"))
    assert steps(script, ASKED, 7) == ["Fault", "Reply", "Reply", "Fault", "Reply", "Reply", "Fault"]


def test_after_the_last_step_there_can_be_nothing():
    script = Script()
    script.put(rule(Reply(times=1, content="x"), after="nothing"))
    script.put(rule(Fault(), name="never"))
    assert steps(script, ASKED, 3) == ["Reply", "nothing", "nothing"]


def test_a_rule_that_is_put_again_goes_on_counting():
    script = Script()
    script.put(rule(Fault(times=1)))
    steps(script, ASKED, 1)
    script.put(rule(Fault(times=1), Reply(times=1, content="x")))
    assert steps(script, ASKED, 2) == ["Reply", "none"]


def test_counters_are_bounded(monkeypatch):
    monkeypatch.setattr("harness.providers.openai.script.MOST_COUNTERS", 2)
    script = Script()
    script.put(rule(Fault(times=1)))
    asked = [Asked(key=key) for key in "abcd"]
    assert [steps(script, one, 1)[0] for one in asked] == ["Fault"] * 4
    assert steps(script, asked[3], 1) == ["none"]
    assert steps(script, asked[0], 1) == ["Fault"]  # long forgotten


def test_a_rule_is_for_chat_completions_unless_it_says_otherwise():
    script = Script()
    script.put(rule(Fault(), path="/models", name="models"))
    assert steps(script, ASKED, 1) == ["none"]
    assert steps(script, Asked(path="/models"), 1) == ["Fault"]


def test_clearing_forgets_counters_too():
    script = Script()
    script.put(rule(Fault(times=1)))
    steps(script, ASKED, 1)
    script.clear()
    script.put(rule(Fault(times=1)))
    assert steps(script, ASKED, 2) == ["Fault", "none"]


async def test_fail_twice_then_succeed_holds_for_each_of_many_at_once(client, openai):
    openai.on(step="intent").fail(500, times=2)

    async def until_it_works(request: str) -> int:
        for attempt in range(1, 5):
            try:
                await ask(client, key=f"{request}/intent/-/{attempt}")
            except Exception:  # noqa: BLE001, S112 - the scripted one
                continue
            return attempt
        return 0

    assert await asyncio.gather(*(until_it_works(f"r{n}") for n in range(20))) == [3] * 20


async def test_latency_is_for_everything_until_the_reset(client, openai):
    openai.latency(0.05)
    await ask(client)
    (call,) = openai.calls()
    assert call.ended - call.began >= 0.05
    openai.reset()
    assert openai.calls() == []


async def test_a_call_can_be_looked_at(client, openai):
    await ask(client, key="r1/intent/-/2")
    (call,) = openai.calls(step="intent")
    assert (call.request, call.attempt, call.concept, call.schema) == ("r1", 2, "", "intent_analysis")
    assert openai.body(call)["messages"][0] == {"role": "system", "content": "s"}
    assert openai.totals()["calls"] == 1
    assert openai.totals()["running"] == 0


def test_waiting_for_calls_that_do_not_come_says_what_was_asked(openai):
    with pytest.raises(TimeoutError, match="2 calls to the provider"):
        openai.wait_for(2, timeout=0.05, step="quiz")


def test_a_rule_that_cannot_be_read_is_refused(openai):
    with pytest.raises(ValueError, match="refused PUT rule"):
        openai._ask("PUT", "rule", b'{"id": 1}')
