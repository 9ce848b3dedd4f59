"""The provider through respx: pytest-httpx2 patches the transport that the SDK really uses."""

import json

import httpx
import pytest

from app.core.settings import Settings
from app.roadmaps.answer import ProviderError
from app.roadmaps.provider import CORRELATION_HEADER, Provider
from app.schemas.content import IntentAnalysis
from app.tests.memory import INTENT

pytestmark = pytest.mark.httpx2(base_url="https://api.openai.com/v1")
MESSAGES = [{"role": "user", "content": "{}"}]


def completion(content: str | None, **changes):
    message = {"role": "assistant", "content": content, "refusal": changes.pop("refusal", None)}
    choice = {"index": 0, "message": message, "finish_reason": changes.pop("finish_reason", "stop")}
    body = {
        "id": "c1",
        "object": "chat.completion",
        "created": 0,
        "model": "gpt-4o-mini",
        "choices": [choice],
        "usage": {"prompt_tokens": 7, "completion_tokens": 11, "total_tokens": 18},
    }
    return httpx.Response(200, json=body | changes)


@pytest.fixture
async def provider():
    made = Provider(Settings(service_type="celery_content", openai_api_key="sk-test"))
    yield made
    await made.close()


async def test_the_answer_is_checked_and_its_cost_known(provider, httpx2_mock):
    route = httpx2_mock.post("/chat/completions").mock(return_value=completion(json.dumps(INTENT)))
    answer = await provider.ask(MESSAGES, IntentAnalysis, "r/intent/-/1")
    assert answer.value.goal == INTENT["goal"]
    assert (answer.prompt_tokens, answer.completion_tokens) == (7, 11)
    request = route.calls.last.request
    assert request.headers[CORRELATION_HEADER] == "r/intent/-/1"
    sent = json.loads(request.content)
    assert sent["model"] == "gpt-4o-mini"
    assert sent["response_format"]["json_schema"]["name"] == "intent_analysis"
    assert sent["response_format"]["json_schema"]["schema"]["additionalProperties"] is False


@pytest.mark.parametrize(
    ("response", "code", "transient"),
    [
        (httpx.Response(429, json={"error": {"code": "rate_limit_exceeded"}}), "http_429", True),
        (httpx.Response(429, json={"error": {"code": "insufficient_quota"}}), "http_429", False),
        (httpx.Response(500, json={}), "http_500", True),
        (httpx.Response(401, json={}), "http_401", False),
        (httpx.Response(200, content=b"{not json"), "malformed", True),
        (httpx.Response(200, json={}), "malformed", True),
        (completion(None), "wrong_schema", True),
        (completion('{"goal": 1}'), "wrong_schema", True),
        (completion(json.dumps(INTENT), finish_reason="length"), "truncated", True),
        (completion(None, refusal="No."), "refused", False),
        (completion(None, finish_reason="content_filter"), "refused", False),
    ],
)
async def test_whatever_goes_wrong_says_whether_to_try_again(
    provider, httpx2_mock, response, code, transient
):
    route = httpx2_mock.post("/chat/completions").mock(return_value=response)
    with pytest.raises(ProviderError) as caught:
        await provider.ask(MESSAGES, IntentAnalysis, "r/intent/-/1")
    assert (caught.value.code, caught.value.transient) == (code, transient)
    assert route.call_count == 1  # the database counts the calls, so the SDK must not make its own


@pytest.mark.parametrize(
    ("error", "code"), [(httpx.ReadTimeout, "timeout"), (httpx.ConnectError, "connection")]
)
async def test_a_broken_connection_is_transient(provider, httpx2_mock, error, code):
    httpx2_mock.post("/chat/completions").mock(side_effect=error)
    with pytest.raises(ProviderError) as caught:
        await provider.ask(MESSAGES, IntentAnalysis, "r/intent/-/1")
    assert (caught.value.code, caught.value.transient) == (code, True)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "3"}, 3),
        ({"retry-after-ms": "250"}, 0.25),
        ({"Retry-After": "9999"}, None),
        ({}, None),
    ],
)
async def test_the_wait_asked_for_is_passed_on(provider, httpx2_mock, headers, seconds):
    httpx2_mock.post("/chat/completions").mock(return_value=httpx.Response(429, headers=headers, json={}))
    with pytest.raises(ProviderError) as caught:
        await provider.ask(MESSAGES, IntentAnalysis, "r/intent/-/1")
    assert caught.value.retry_after == seconds
