"""The official SDK is the judge of what the provider sends."""

import json
from typing import Literal

import httpx
import openai as sdk
import pytest
from pydantic import BaseModel, ConfigDict

from harness.tests.providers.openai.conftest import API_KEY

INTENT = {"goal": "g", "level": "beginner", "focus": ["f"], "weeks": 1}


class IntentAnalysis(BaseModel):
    """A structured output, as an application asks for one."""

    model_config = ConfigDict(extra="forbid")

    goal: str
    level: Literal["beginner", "expert"]
    focus: list[str]
    weeks: int


async def ask(client, key: str = "r1/intent/-/1", name: str = "intent_analysis", **options):
    return await client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[{"role": "system", "content": "s"}, {"role": "user", "content": "Rust"}],
        response_format={
            "type": "json_schema",
            "json_schema": {"name": name, "strict": True, "schema": IntentAnalysis.model_json_schema()},
        },
        extra_headers={"X-Client-Request-Id": key},
        **options,
    )


async def test_the_authors_answers_are_sent_the_same_every_time(client):
    first, second = await ask(client), await ask(client)
    assert first == second
    assert json.loads(first.choices[0].message.content)["goal"] == "Learn Rust"
    assert first.choices[0].finish_reason == "stop"
    assert first.usage.total_tokens == first.usage.prompt_tokens + first.usage.completion_tokens > 0


async def test_what_the_author_does_not_know_is_made_up_from_its_schema(client):
    answer = await ask(client, name="somebody_elses")
    assert json.loads(answer.choices[0].message.content)["goal"] == "goal"


async def test_an_author_that_fails_is_said_to_have_failed(client, openai):
    with pytest.raises(
        sdk.APIStatusError, match="author of broken has failed: LookupError: no such topic"
    ) as caught:
        await ask(client, name="broken")
    assert caught.value.status_code == 501
    assert openai.calls()[0].outcome == "rejected"


async def test_models_are_listed(client):
    assert [model.id async for model in client.models.list()] == ["gpt-4o-mini"]


async def test_the_sdk_raises_what_it_raises_for_the_provider(client, openai):
    openai.on(step="intent").fail(429, times=1, retry_after_ms=2000).fail(500, times=1)
    with pytest.raises(sdk.RateLimitError) as limited:
        await ask(client)
    assert limited.value.response.headers["retry-after-ms"] == "2000"
    with pytest.raises(sdk.InternalServerError):
        await ask(client)
    assert IntentAnalysis.model_validate_json((await ask(client)).choices[0].message.content)
    assert [(c.outcome, c.status) for c in openai.calls()] == [
        ("fault", 429),
        ("fault", 500),
        ("replied", 200),
    ]


async def test_a_hang_is_cut_by_the_clients_timeout_and_recorded_as_abandoned(client, openai):
    openai.on(step="intent").hang()
    with pytest.raises(sdk.APITimeoutError):
        await ask(client, timeout=0.2)
    assert openai.wait_for(outcome="abandoned", timeout=5)


async def test_a_short_hang_is_only_late(client, openai):
    openai.on(step="intent").hang(0.01)
    assert (await ask(client)).choices
    assert [call.outcome for call in openai.calls()] == ["hung"]


async def test_a_body_cut_short_is_a_connection_error(client, openai):
    openai.on().cut()
    with pytest.raises(sdk.APIConnectionError):
        await ask(client)


async def test_garbled_json_is_no_answer(client, openai):
    openai.on().garble()
    with pytest.raises(json.JSONDecodeError):
        await ask(client)


async def test_refusals_and_truncation_look_like_the_models(client, openai):
    openai.on(request="r1").refuse()
    openai.on(request="r2").truncate()
    assert (await ask(client)).choices[0].message.refusal
    assert (await ask(client, key="r2/intent/-/1")).choices[0].finish_reason == "length"


async def test_a_wrong_key_is_401(openai):
    async with sdk.AsyncOpenAI(api_key="sk-wrong", base_url=openai.base_url, max_retries=0) as client:
        with pytest.raises(sdk.AuthenticationError, match="Incorrect API key"):
            await ask(client)
    assert openai.calls() == []


async def test_scripted_content_is_held_to_the_schema(client, openai):
    openai.on(schema="intent_analysis", request="r1").reply({**INTENT, "level": "wizard"})
    with pytest.raises(sdk.APIStatusError, match=r"\$\.level: 'wizard' is not one of") as refused:
        await ask(client)
    assert refused.value.status_code == 501
    openai.on(request="r2").reply({"any": "thing"}, wrong=True)
    assert json.loads((await ask(client, key="r2/intent/-/1")).choices[0].message.content) == {"any": "thing"}
    openai.on(request="r3").reply(INTENT)
    assert json.loads((await ask(client, key="r3/intent/-/1")).choices[0].message.content) == INTENT


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "could not parse"),
        (b"[]", "JSON object"),
        (b'{"messages": [{"role": "user", "content": "x"}]}', "'model'"),
        (b'{"model": "m"}', "'messages'"),
        (b'{"model": "m", "messages": []}', "'messages'"),
        (b'{"model": "m", "messages": ["x"]}', "'messages[0]'"),
        (b'{"model": 1, "messages": [{"role": "user"}]}', "'model'"),
        (
            b'{"model": "m", "messages": [{"role": "user", "content": "hi"}], "response_format": {"type": "json_schema"}}',
            "json_schema",
        ),
    ],
)
def test_bad_requests_are_refused_in_the_providers_form(openai, body, said):
    headers = {"Authorization": f"Bearer {API_KEY}"}
    response = httpx.post(
        f"{openai.base_url}/chat/completions", content=body, headers=headers, trust_env=False
    )
    assert response.status_code == 400
    assert said in response.json()["error"]["message"]
    assert openai.calls()[0].outcome == "rejected"
