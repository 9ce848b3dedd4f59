"""A call that no rule matches is refused, told of beside the nearest rule, and an error in the provider's log."""

import openai as sdk
import pytest

HI = [{"role": "user", "content": "Tell me of Rust"}]


async def ask(client, model="m"):
    return await client.chat.completions.create(model=model, messages=HI)


async def test_by_default_anything_is_answered(client, openai):
    openai.on(model="other").fail(500)
    assert (await ask(client)).choices
    assert openai.unmatched() == []


async def test_a_call_that_no_rule_matches_is_shown_beside_the_nearest(openai, server):
    openai.unscripted("nothing")
    openai.on(model="gpt-x", contains="Go").reply("far")
    openai.on(model="gpt-x", contains="Rust").reply("near")
    async with sdk.AsyncOpenAI(api_key="sk-right", base_url=openai.base_url) as client:
        with pytest.raises(sdk.APIStatusError, match="no rule matches") as caught:
            await ask(client)
    assert caught.value.status_code == 501
    (call,) = openai.unmatched()  # one, for the SDK was told not to retry
    assert "model='m'" in call.note
    assert "Tell me of Rust" in call.note
    assert "nearest  rule-2 (model='gpt-x', contains='Rust'): model is 'm', not 'gpt-x'" in call.note


async def test_a_rule_that_is_used_up_says_so(client, openai):
    openai.on(model="m").reply("once", times=1).no_more()
    await ask(client)
    with pytest.raises(sdk.APIStatusError, match="its steps are used up"):
        await ask(client)
    assert [call.outcome for call in openai.calls()] == ["replied", "unmatched"]


async def test_prompts_that_the_author_knows_may_be_all_that_is_made_up(client, openai):
    from harness.tests.providers.openai.test_with_the_sdk import ask as ask_for_intent

    openai.unscripted("ours")
    assert (await ask_for_intent(client)).choices
    with pytest.raises(sdk.APIStatusError, match="there is no rule"):
        await ask(client)
