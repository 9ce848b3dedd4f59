"""The provider through respx: pytest-httpx2 patches the transport that the SDK really uses."""

import asyncio
import json
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from anyio import EndOfStream

from app.core.settings import Settings
from app.roadmaps.answer import Cost, ProviderError
from app.roadmaps.provider import CORRELATION_HEADER, MOST_BYTES, Provider
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
    assert answer.cost == Cost(7, 11)
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
        (completion(json.dumps(INTENT), finish_reason="tool_calls"), "malformed", True),
        (completion(json.dumps(INTENT | {"goal": "a\0b"})), "wrong_schema", True),
        (httpx.Response(200, text="<html>", headers={"content-type": "text/html"}), "malformed", True),
        (httpx.Response(503, json={}, headers={"x-should-retry": "false"}), "http_503", False),
        (httpx.Response(400, json={}, headers={"x-should-retry": "true"}), "http_400", True),
        (httpx.Response(429, json={}, headers={"retry-after": "121"}), "http_429", False),
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
    ("error", "code"),
    [
        (httpx.ReadTimeout, "timeout"),
        (httpx.ConnectError, "connection"),
        (ssl.SSLError, "connection"),
        (EndOfStream, "connection"),
    ],
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
        ({"Retry-After": "0"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Fri, 01 Jan 2016 00:00:00 GMT"}, None),
        ({"Retry-After": "3", "retry-after-ms": "250"}, 0.25),
        ({"Retry-After": "3", "retry-after-ms": "nan"}, 3),
        ({}, None),
        *(
            ({"Retry-After": odd}, None)
            for odd in (
                *("nan", "inf", "-inf", "-3", "+3", "1e400", "1e1", "0x1", "1_0", "", " ", "9" * 400),
                *("Thu, 01 Jan 0001 00:00:00 +2300", "Mon, 01 Jan 99999 00:00:00 GMT", "Fri, 31 Dec 9999"),
                *("Mon, 32 Foo 2026 99:99:99 GMT", "Mon, 01 Jan 2026 00:00:00 +99999999999", "0 0 0 0 0"),
            )
        ),
    ],
)
async def test_the_wait_asked_for_is_passed_on(provider, httpx2_mock, headers, seconds):
    httpx2_mock.post("/chat/completions").mock(return_value=httpx.Response(429, headers=headers, json={}))
    with pytest.raises(ProviderError) as caught:
        await provider.ask(MESSAGES, IntentAnalysis, "r/intent/-/1")
    assert caught.value.retry_after == seconds


async def test_a_wait_may_be_a_date(provider, httpx2_mock):
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    httpx2_mock.post("/chat/completions").mock(
        return_value=httpx.Response(503, headers={"Retry-After": until}, json={})
    )
    with pytest.raises(ProviderError) as caught:
        await provider.ask(MESSAGES, IntentAnalysis, "r/intent/-/1")
    assert 28 < caught.value.retry_after <= 30


@pytest.mark.parametrize(
    "answer",
    [completion('{"goal": 1}'), completion("{", finish_reason="length"), completion(None, refusal="No.")],
)
async def test_an_answer_that_cannot_be_used_is_paid_for_all_the_same(provider, httpx2_mock, answer):
    httpx2_mock.post("/chat/completions").mock(return_value=answer)
    with pytest.raises(ProviderError) as caught:
        await provider.ask(MESSAGES, IntentAnalysis, "r/intent/-/1")
    assert caught.value.cost == Cost(7, 11)


# respx does not count a call that is cut off
@pytest.mark.httpx2(base_url="https://api.openai.com/v1", assert_all_called=False)
async def test_an_answer_that_takes_too_long_is_cut_even_while_it_trickles(httpx2_mock):
    async def never(_request):
        await asyncio.Event().wait()

    httpx2_mock.post("/chat/completions").mock(side_effect=never)
    provider = Provider(
        Settings(service_type="celery_content", openai_api_key="sk-test", openai_timeout_seconds=0.05)
    )
    with pytest.raises(ProviderError) as caught:
        await asyncio.wait_for(provider.ask(MESSAGES, IntentAnalysis, "r/intent/-/1"), 5)
    assert (caught.value.code, caught.value.transient) == ("timeout", True)
    await provider.close()


async def test_a_provider_that_is_down_is_left_alone(httpx2_mock):
    route = httpx2_mock.post("/chat/completions").mock(return_value=httpx.Response(500, json={}))
    provider = Provider(
        Settings(
            service_type="celery_content",
            openai_api_key="sk-test",
            openai_circuit_failures=2,
            openai_circuit_seconds=60,
        )
    )
    for _ in range(2):
        await provider.ready()
        with pytest.raises(ProviderError):
            await provider.ask(MESSAGES, IntentAnalysis, "r/intent/-/1")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(provider.ready(), 0.05)
    assert route.call_count == 2
    await provider.close()


@pytest.mark.parametrize(("wait", "transient"), [("9", True), ("11", False)])
async def test_a_rest_that_no_attempt_has_time_for_is_a_refusal(httpx2_mock, wait, transient):
    """Otherwise waiting would use up every attempt, and none would make a call."""
    refused = httpx.Response(429, headers={"retry-after": wait}, json={})
    httpx2_mock.post("/chat/completions").mock(return_value=refused)
    provider = Provider(
        Settings(service_type="celery_content", openai_api_key="sk-test", generation_timeout_seconds=25)
    )
    with pytest.raises(ProviderError) as caught:
        await provider.ask(MESSAGES, IntentAnalysis, "r/intent/-/1")
    assert caught.value.transient is transient
    await provider.close()


@pytest.mark.parametrize(
    "error", [KeyError("x"), UnicodeEncodeError("ascii", "所", 0, 1, "-"), RecursionError()]
)
async def test_what_nobody_has_thought_of_ends_the_call_and_not_the_attempt(
    provider, httpx2_mock, caplog, error
):
    httpx2_mock.post("/chat/completions").mock(side_effect=error)
    with pytest.raises(ProviderError) as caught:
        await provider.ask(MESSAGES, IntentAnalysis, "r/intent/-/1")
    assert (caught.value.code, caught.value.transient) == ("malformed", True)
    assert "not foreseen" in caplog.text  # it may be our own error


async def test_an_answer_that_never_ends_is_not_kept(provider, httpx2_mock):
    body = b" " * (MOST_BYTES + 1)
    httpx2_mock.post("/chat/completions").mock(return_value=httpx.Response(200, content=body))
    with pytest.raises(ProviderError) as caught:
        await provider.ask(MESSAGES, IntentAnalysis, "r/intent/-/1")
    assert caught.value.code == "malformed"


@pytest.mark.parametrize("status", [204, 299, 300, 301, 304, 399, 418, 499, 599, 600, 999])
async def test_every_status_is_an_end(provider, httpx2_mock, status):
    httpx2_mock.post("/chat/completions").mock(return_value=httpx.Response(status, content=b""))
    with pytest.raises(ProviderError) as caught:
        await provider.ask(MESSAGES, IntentAnalysis, "r/intent/-/1")
    assert caught.value.code == ("malformed" if status < 300 else f"http_{status}")


@pytest.mark.parametrize(
    "body",
    [b"", b"[1]", b'"text"', b"7", b"{", b'{"error": null}', b'{"error": []}', b"\xff", b"[" * 100_000]
    + [json.dumps({"error": {"code": code, "message": []}}).encode() for code in (7, [], {}, None, True)],
)
async def test_an_error_may_have_any_body(provider, httpx2_mock, body):
    httpx2_mock.post("/chat/completions").mock(return_value=httpx.Response(400, content=body))
    with pytest.raises(ProviderError) as caught:
        await provider.ask(MESSAGES, IntentAnalysis, "r/intent/-/1")
    assert (caught.value.code, caught.value.transient) == ("http_400", False)


@pytest.mark.parametrize(
    "lie",
    [
        {"content-type": "application/json; charset=utf-16"},
        {"content-type": "text/plain; charset=punycode"},
        {"content-type": "text/html; charset=nonsense"},
    ],
    ids=lambda lie: lie["content-type"],
)
async def test_an_error_is_its_status_whatever_its_body_is_said_to_be(provider, httpx2_mock, lie):
    answer = httpx.Response(503, content=b"{\xff", headers={**lie, "retry-after": "3"})
    httpx2_mock.post("/chat/completions").mock(return_value=answer)
    with pytest.raises(ProviderError) as caught:
        await provider.ask(MESSAGES, IntentAnalysis, "r/intent/-/1")
    assert (caught.value.code, caught.value.transient, caught.value.retry_after) == ("http_503", True, 3)


REFUSED = {
    "json_schema": {
        "error": {"message": "This response_format type is unavailable now", "type": "invalid_request_error"}
    },
    "json_object": {
        "error": {"message": "'response_format.type' must be 'text'", "param": "response_format"}
    },
}


def dialect(*refused):
    """A provider that refuses these forms and keeps the form of each call."""
    asked = []

    def answer(request):
        sent = json.loads(request.content)
        form = sent.get("response_format", {}).get("type", "text")
        asked.append((form, sent["messages"]))
        if form in refused:
            return httpx.Response(400, json=REFUSED[form])
        return completion(f"```json\n{json.dumps(INTENT)}\n```" if form == "text" else json.dumps(INTENT))

    return asked, answer


@pytest.mark.parametrize(
    ("refused", "forms"),
    [
        ((), ["json_schema"]),
        (("json_schema",), ["json_schema", "json_object"]),
        (("json_schema", "json_object"), ["json_schema", "json_object", "text"]),
    ],
)
async def test_what_a_provider_refuses_is_asked_for_once(provider, httpx2_mock, caplog, refused, forms):
    asked, answer = dialect(*refused)
    httpx2_mock.post("/chat/completions").mock(side_effect=answer)
    for _ in refused:
        with pytest.raises(ProviderError) as caught:
            await provider.ask(MESSAGES, IntentAnalysis, "r/intent/-/1")
        assert (caught.value.code, caught.value.transient) == ("http_400", True)
    for _ in range(2):
        found = await provider.ask(MESSAGES, IntentAnalysis, "r/intent/-/1")
        assert found.value.goal == INTENT["goal"]
    assert [form for form, _ in asked] == [*forms, forms[-1]]
    told = [
        record.getMessage() for record in caplog.records if "OPENAI_RESPONSE_FORMAT" in record.getMessage()
    ]
    assert len(told) == len(refused)
    form, messages = asked[-1]
    assert messages[-1:] == MESSAGES
    assert ("JSON Schema" in messages[0]["content"]) is (form != "json_schema")
    if form != "json_schema":
        assert json.loads(messages[0]["content"].partition("\n")[2])["name"] == "intent_analysis"


@pytest.mark.parametrize("form", ["json_schema", "json_object", "text"])
async def test_a_form_that_was_chosen_stays(httpx2_mock, form):
    asked, answer = dialect("json_schema", "json_object")
    httpx2_mock.post("/chat/completions").mock(side_effect=answer)
    made = Provider(
        Settings(service_type="celery_content", openai_api_key="sk-test", openai_response_format=form)
    )
    if form == "text":
        assert (await made.ask(MESSAGES, IntentAnalysis, "r/intent/-/1")).value
    else:
        with pytest.raises(ProviderError, match="answered 400"):
            await made.ask(MESSAGES, IntentAnalysis, "r/intent/-/1")
    assert [each for each, _ in asked] == [form]
    await made.close()


async def test_a_400_for_another_reason_is_final(provider, httpx2_mock):
    route = httpx2_mock.post("/chat/completions").mock(
        return_value=httpx.Response(400, json={"error": {"message": "Invalid 'temperature'"}})
    )
    with pytest.raises(ProviderError) as caught:
        await provider.ask(MESSAGES, IntentAnalysis, "r/intent/-/1")
    assert (caught.value.code, caught.value.transient, route.call_count) == ("http_400", False, 1)


async def test_calls_that_find_it_out_together_give_up_one_form_and_not_two(provider, httpx2_mock):
    asked, answer = dialect("json_schema")
    httpx2_mock.post("/chat/completions").mock(side_effect=answer)
    calls = (provider.ask(MESSAGES, IntentAnalysis, f"r/intent/{number}/1") for number in range(3))
    for error in await asyncio.gather(*calls, return_exceptions=True):
        assert isinstance(error, ProviderError)
        assert error.transient
    assert (await provider.ask(MESSAGES, IntentAnalysis, "r/intent/-/2")).value
    assert [form for form, _ in asked] == ["json_schema"] * 3 + ["json_object"]


@pytest.mark.parametrize(
    ("effect", "unknown"),
    [
        (httpx.ReadTimeout("x"), True),
        (httpx.ReadError("x"), True),
        (httpx.RemoteProtocolError("x"), True),
        (httpx.Response(200, content=b"{not json"), True),
        (httpx.Response(200, json={}), True),
        (httpx.Response(504, json={}), True),
        (httpx.Response(524, json={}), True),
        (httpx.Response(500, json={}), False),
        (httpx.Response(429, json={}), False),
        (httpx.Response(401, json={}), False),
        (completion("{}"), False),
        (completion("{}", usage=None), True),
    ],
)
async def test_a_call_whose_answer_nobody_has_read_may_have_cost_something(
    provider, httpx2_mock, effect, unknown
):
    """A refused call is free, and a told cost is known; every other call is written and must be paid, even if we get no answer."""
    mocked = {"return_value": effect} if isinstance(effect, httpx.Response) else {"side_effect": effect}
    httpx2_mock.post("/chat/completions").mock(**mocked)
    with pytest.raises(ProviderError) as refused:
        await provider.ask(MESSAGES, IntentAnalysis, "r/intent/-/1")
    assert refused.value.unknown is unknown


async def test_a_call_that_reached_nobody_has_cost_nothing(closed_port):
    """Otherwise an absent provider would spend the day's budget."""
    address = f"http://127.0.0.1:{closed_port}/v1"
    made = Provider(
        Settings(service_type="celery_content", openai_api_key="sk-test", openai_base_url=address)
    )
    with pytest.raises(ProviderError) as refused:
        await made.ask(MESSAGES, IntentAnalysis, "r/intent/-/1")
    await made.close()
    assert (refused.value.code, refused.value.unknown) == ("connection", False)


async def test_a_limit_that_is_refused_is_learnt(httpx2_mock):
    """A deployment with its own name: two refusals, each followed by another try, and then the answer."""
    told = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    route = httpx2_mock.post("/chat/completions").mock(
        side_effect=[
            httpx.Response(400, json={"error": {"message": told, "param": "max_tokens"}}),
            httpx.Response(
                400, json={"error": {"message": "this model supports at most 4096 completion tokens"}}
            ),
            completion(json.dumps(INTENT)),
        ]
    )
    made = Provider(Settings(service_type="celery_content", openai_api_key="sk-test", openai_model="ours"))
    for _ in range(2):
        with pytest.raises(ProviderError) as refused:
            await made.ask(MESSAGES, IntentAnalysis, "r/intent/-/1")
        assert refused.value.transient
    assert (await made.ask(MESSAGES, IntentAnalysis, "r/intent/-/1")).value.goal == INTENT["goal"]
    await made.close()
    sent = [json.loads(call.request.content) for call in route.calls]
    limits = [{name: one[name] for name in one if name.startswith("max_")} for one in sent]
    assert limits == [
        {"max_tokens": 16_384},
        {"max_completion_tokens": 16_384},
        {"max_completion_tokens": 4_096},
    ]
