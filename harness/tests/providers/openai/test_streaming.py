"""Streams, as the official SDK reads them."""

import json
import time

import httpx
import pytest

from harness.tests.providers.openai.conftest import API_KEY

HI = [{"role": "user", "content": "hi"}]
TEXT = "A text that is long enough for several chunks of a stream."
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 2}},
            "required": ["city", "days"],
        },
    },
}


async def chunks(client, **options):
    options = {"model": "m", "messages": HI, **options}
    return [chunk async for chunk in await client.chat.completions.create(**options, stream=True)]


async def test_a_stream_is_the_same_answer_in_chunks(client, openai):
    openai.on().reply(TEXT)
    found = await chunks(client)
    assert found[0].choices[0].delta.role == "assistant"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in found) == TEXT
    assert [chunk.choices[0].finish_reason for chunk in found] == [None] * (len(found) - 1) + ["stop"]
    assert len({chunk.id for chunk in found}) == 1
    assert not [chunk for chunk in found if "usage" in chunk.model_fields_set]
    (call,) = openai.calls()
    assert (call.streamed, call.outcome, call.completion_tokens) == (True, "replied", 0)


async def test_the_usage_comes_in_a_chunk_of_its_own_if_it_is_asked_for(client, openai):
    openai.on().reply(TEXT)
    *others, last = await chunks(client, stream_options={"include_usage": True})
    assert last.choices == []
    assert last.usage.completion_tokens == -(-len(TEXT) // 4)
    assert not [chunk for chunk in others if chunk.usage is not None]
    assert openai.calls()[0].completion_tokens == last.usage.completion_tokens


def test_the_stream_ends_with_done(openai):
    body = {"model": "m", "messages": HI, "stream": True}
    headers = {"Authorization": f"Bearer {API_KEY}"}
    response = httpx.post(f"{openai.base_url}/chat/completions", json=body, headers=headers, trust_env=False)
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.text.endswith("data: [DONE]\n\n")


async def test_several_choices_are_told_apart(client, openai):
    openai.on().reply(TEXT)
    whole = await client.chat.completions.create(model="m", messages=HI, n=2)
    assert [(c.index, c.message.content) for c in whole.choices] == [(0, TEXT), (1, TEXT)]
    texts = {0: "", 1: ""}
    for chunk in await chunks(client, n=2):
        texts[chunk.choices[0].index] += chunk.choices[0].delta.content or ""
    assert texts == {0: TEXT, 1: TEXT}


async def test_tools_can_be_called_as_scripted(client, openai):
    openai.on().call_tool("weather", {"city": "Wien", "days": 3})
    whole = await client.chat.completions.create(model="m", messages=HI, tools=[WEATHER])
    assert whole.choices[0].finish_reason == "tool_calls"
    (call,) = whole.choices[0].message.tool_calls
    assert json.loads(call.function.arguments) == {"city": "Wien", "days": 3}
    assert openai.body(openai.calls()[0])["tools"] == [WEATHER]
    async with client.chat.completions.stream(model="m", messages=HI, tools=[WEATHER]) as stream:
        final = await stream.get_final_completion()
    assert final.choices[0].message.tool_calls[0].id == call.id
    assert json.loads(final.choices[0].message.tool_calls[0].function.arguments)["days"] == 3


async def test_a_tool_that_has_to_be_called_is_with_arguments_that_fit(client):
    choice = {"type": "function", "function": {"name": "weather"}}
    answer = await client.chat.completions.create(model="m", messages=HI, tools=[WEATHER], tool_choice=choice)
    (call,) = answer.choices[0].message.tool_calls
    assert json.loads(call.function.arguments) == {"city": "city", "days": 2}


async def test_the_limit_of_tokens_cuts_the_text(client, openai):
    openai.on().reply(TEXT)
    answer = await client.chat.completions.create(model="m", messages=HI, max_completion_tokens=3)
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == (TEXT[:12], "length")


async def test_log_probabilities_cover_the_text(client, openai):
    openai.on().reply(TEXT)
    answer = await client.chat.completions.create(model="m", messages=HI, logprobs=True)
    assert "".join(token.token for token in answer.choices[0].logprobs.content) == TEXT


@pytest.mark.parametrize("speed", [1, 10])
async def test_waits_come_before_the_first_token_and_between_chunks(client, openai, speed):
    from harness.providers.openai.scenario import Scenario

    openai.load(Scenario(latency=0.2 * speed, between=0.1 * speed, speed=speed))
    openai.on().reply("x" * 32)  # role, two pieces, finish, [DONE]
    began = time.monotonic()
    stream = await client.chat.completions.create(model="m", messages=HI, stream=True)
    arrived = [time.monotonic() - began async for _ in stream]
    assert arrived[0] >= 0.2
    assert arrived[-1] >= 0.5
    (call,) = openai.calls()
    assert call.first - call.began >= 0.2
    assert call.ended - call.first >= 0.28
    assert speed == 1 or call.ended - call.began < 0.5 * speed  # the speed is what it says, not slower


async def test_an_answer_that_is_not_streamed_takes_as_long_as_its_chunks(client, openai):
    openai.latency(0.1, between=0.05)
    openai.on().reply("x" * 32)
    await client.chat.completions.create(model="m", messages=HI)
    (call,) = openai.calls()
    assert call.ended - call.began >= 0.2
