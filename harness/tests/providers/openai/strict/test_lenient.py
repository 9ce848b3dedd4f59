"""--lenient, and `lenient` of a script: what can be answered passes; what cannot is refused either way."""

import httpx
import openai as sdk
import pytest

from harness.providers.openai.client import FakeOpenAI
from harness.providers.openai.scenario import Scenario
from harness.tests.providers.starting import started

HI = [{"role": "user", "content": "hi"}]
BAD = {"stream_options": {"include_usage": True}}


@pytest.fixture(scope="module")
def lenient():
    with started("harness.providers.openai", "--lenient") as url:
        yield url


def asked(url, **more):
    with sdk.OpenAI(api_key="sk-any", base_url=url, max_retries=0, timeout=5) as client:
        return client.chat.completions.create(model="m", messages=HI, **more)


@pytest.mark.parametrize(
    "bad",
    [
        {"top_logprobs": 2},
        {"stop": list("abcde")},
        {"tool_choice": "auto"},
        {"extra_body": {"streem": 1, "tools": []}},
        BAD,
    ],
)
def test_a_lenient_provider_answers(lenient, bad):
    assert asked(f"{lenient}/v1", **bad).choices[0].message.content


NO_SCHEMA = {"name": "a", "schema": {"type": "object", "properties": [], "required": 3}}


@pytest.mark.parametrize(
    "bad",
    [
        {"n": "two"},
        {"messages": 1},
        {"response_format": {"type": "xml"}},
        {"response_format": {"type": "json_schema", "json_schema": NO_SCHEMA}},
        {"response_format": {"type": "json_schema", "json_schema": {**NO_SCHEMA, "strict": True}}},
        {
            "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": 5}}}],
            "tool_choice": "required",
        },
    ],
)
def test_what_cannot_be_answered_is_refused_all_the_same(lenient, bad):
    with pytest.raises(sdk.BadRequestError):
        asked(f"{lenient}/v1", extra_body=bad)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/responses", {"input": [{"role": "user", "content": [1, None, [], "a"]}]}),
        ("/responses", {"input": [{"role": "user", "content": [{"type": "input_text", "text": None}]}]}),
        ("/chat/completions", {"messages": HI, "tools": [{"type": [], "function": {"name": "f"}}]}),
        ("/chat/completions", {"messages": HI, "tools": [{"type": {}, "function": {"name": "f"}}]}),
        ("/chat/completions", {"messages": [{"role": "user", "content": [1, None]}]}),
        ("/chat/completions", {"messages": HI, "tool_choice": {"type": "function", "function": "f"}}),
        ("/chat/completions", {"messages": HI, "tool_choice": {"type": "allowed_tools", "allowed_tools": 1}}),
    ],
)
def test_no_body_ends_in_a_500(lenient, path, body):
    answer = httpx.post(
        f"{lenient}/v1{path}",
        json={"model": "m", **body},
        headers={"Authorization": "Bearer x"},
        trust_env=False,
    )
    assert answer.status_code in (200, 400), answer.text


def test_a_script_has_the_last_word(lenient):
    provider = FakeOpenAI(lenient, space="strict")
    provider.load(Scenario(lenient=False))
    with pytest.raises(sdk.BadRequestError, match="only allowed when 'stream'"):
        asked(provider.base_url, **BAD)
    provider.reset()
    assert asked(provider.base_url, **BAD).choices
    provider.close()


def test_a_strict_provider_refuses_over_http_in_the_providers_form(openai):
    with (
        pytest.raises(sdk.BadRequestError) as caught,
        sdk.OpenAI(api_key="sk-right", base_url=openai.base_url, max_retries=0) as client,
    ):
        client.chat.completions.create(model="m", messages=HI, **BAD)
    assert caught.value.body == {
        "message": "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
        "type": "invalid_request_error",
        "param": "stream_options",
        "code": None,
    }
    assert [call.outcome for call in openai.calls()] == ["rejected"]
