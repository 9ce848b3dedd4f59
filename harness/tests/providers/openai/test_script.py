"""Scripts of this provider, as calls feel them."""

import asyncio

import pytest

from harness.providers.openai.script import Asked, Match, Rule
from harness.providers.openai.steps import Fault
from harness.providers.script import Script
from harness.tests.providers.openai.test_with_the_sdk import ask


def test_a_rule_is_for_chat_completions_unless_it_says_otherwise():
    script = Script()
    script.put(Rule(id="models", match=Match(path="/models"), steps=(Fault(),)))
    assert script.take(Asked(message="hi")) is None
    assert script.take(Asked(path="/models")).rule == "models"


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
