"""Each way to misbehave, as the official SDK feels it: that it bites, and how."""

import json

import httpx
import openai as sdk
import pytest

from harness.tests.providers.openai.conftest import API_KEY

HI = [{"role": "user", "content": "hi"}]


async def ask(client, **options):
    return await client.chat.completions.create(**{"model": "m", "messages": HI, **options})


async def read(client, **options):
    return [chunk async for chunk in await ask(client, **{"stream": True, **options})]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504, 529])
async def test_every_status_has_the_error_body_and_the_headers_of_all_answers(client, openai, status):
    openai.on().fail(status, code="some_code", retry_after=3, retry_after_ms=2500, should_retry=False)
    with pytest.raises(sdk.APIStatusError) as caught:
        await ask(client)
    headers = caught.value.response.headers
    assert (caught.value.status_code, caught.value.code) == (status, "some_code")
    assert (headers["retry-after"], headers["retry-after-ms"], headers["x-should-retry"]) == (
        "3",
        "2500",
        "false",
    )
    assert headers["x-request-id"].startswith("req_")
    assert int(headers["openai-processing-ms"]) >= 0
    assert openai.calls()[0].outcome == "fault"


async def test_without_being_told_a_fault_says_nothing_of_retries(client, openai):
    openai.on().fail(503)
    with pytest.raises(sdk.InternalServerError) as caught:
        await ask(client)
    assert not {"retry-after", "retry-after-ms", "x-should-retry"} & set(caught.value.response.headers)


async def test_the_sdk_obeys_the_headers(openai):
    openai.on().fail(500, retry_after_ms=1, times=2)
    async with sdk.AsyncOpenAI(api_key=API_KEY, base_url=openai.base_url, max_retries=3) as client:
        assert (await ask(client)).choices
    assert [(call.attempt, call.outcome, call.rule_step) for call in openai.calls()] == [
        (1, "fault", 0),
        (2, "fault", 0),
        (3, "replied", None),
    ]


async def test_a_gateways_page_is_no_json(client, openai):
    openai.on().fail(502, html=True)
    with pytest.raises(sdk.InternalServerError) as caught:
        await ask(client)
    assert caught.value.response.text.startswith("<!doctype html>")


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    ("how", "at", "status"),
    [
        ("reset", 0, 0),
        ("reset", 0.5, 200),
        ("close", 0, 0),
        ("close", 0.5, 200),
        ("short", 0.5, 200),
        ("unfinished", 0.5, 200),
    ],
)
async def test_a_broken_connection_is_one(client, openai, how, at, status, streamed):
    openai.on().cut(how, at=at)
    if streamed and how == "unfinished":
        assert await read(client)  # the SDK stops reading at [DONE] and never finds out
    else:
        with pytest.raises((sdk.APIConnectionError, *broken_stream())):
            await (read(client) if streamed else ask(client))
    (call,) = openai.wait_for(outcome="cut")
    assert call.status == status
    assert (call.prompt_tokens, call.completion_tokens) == (0, 0)


def broken_stream():
    import httpx2

    return (httpx2.RemoteProtocolError, httpx2.ReadError)


def test_a_reset_is_a_reset_and_a_close_is_none(openai):
    """On the wire: RST against FIN."""
    import socket

    host, port = openai.base_url.removeprefix("http://").removesuffix("/v1").split(":")
    body = b'{"model": "m", "messages": [{"role": "user", "content": "hi"}]}'
    head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer %b\r\ncontent-length: %d\r\n\r\n"

    def read_all() -> bytes:
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(head % (API_KEY.encode(), len(body)) + body)
            received = b""
            while part := connection.recv(65536):
                received += part
            return received

    openai.on().cut("close", at=0, times=1).cut("reset", at=0, times=1).cut("early")
    assert read_all() == b""
    with pytest.raises(ConnectionResetError):
        read_all()


async def test_a_clean_end_without_done_raises_nothing_in_the_sdk(client, openai):
    openai.on().cut("early")
    found = await read(client)
    assert found
    assert not [chunk for chunk in found if chunk.choices and chunk.choices[0].finish_reason]
    with pytest.raises(json.JSONDecodeError):
        await ask(client)


async def test_a_stall_in_mid_stream_is_cut_by_the_clients_timeout(client, openai):
    import httpx2

    openai.on().stall()
    with pytest.raises((sdk.APITimeoutError, httpx2.ReadTimeout)):
        await read(client, timeout=0.2)
    with pytest.raises(sdk.APITimeoutError):
        await ask(client, timeout=0.2)
    first, second = openai.wait_for(2, outcome="abandoned")
    assert first.sent > 0
    assert second.sent > 0


async def test_a_stall_that_ends_is_only_late(client, openai):
    openai.on().stall(0.1)
    assert (await read(client))[-1].choices[0].finish_reason == "stop"
    assert (await ask(client)).choices
    assert [call.outcome for call in openai.calls()] == ["stalled", "stalled"]


async def test_a_trickle_outlives_a_timeout_of_reads(client, openai):
    openai.on().stall(2, trickle=0.05)
    assert (await ask(client, timeout=1)).choices  # httpx's timeout is for each read
    (call,) = openai.calls()
    assert call.ended - call.began >= 2


@pytest.mark.parametrize("streamed", [False, True])
async def test_malformed_json(client, openai, streamed):
    openai.on().garble("json")
    with pytest.raises(json.JSONDecodeError):
        await (read(client) if streamed else ask(client))
    assert openai.calls()[0].outcome == "garbled"


async def test_malformed_events(client, openai):
    openai.on().garble("sse")
    with pytest.raises(json.JSONDecodeError):
        await read(client)
    assert isinstance(await ask(client), str)


async def test_an_error_event_in_mid_stream(client, openai):
    openai.on().garble("event")
    stream = await ask(client, stream=True)
    first = await anext(aiter(stream))
    assert first.choices[0].delta.role == "assistant"
    with pytest.raises(sdk.APIError, match="server had an error"):
        [chunk async for chunk in stream]


async def test_an_empty_object_and_a_page_of_html(client, openai):
    openai.on().garble("empty", times=1).garble("html")
    assert (await ask(client)).choices is None
    assert "<html>" in await ask(client)


async def test_refusal_filter_and_length(client, openai):
    openai.on(contains="one").refuse()
    openai.on(contains="two").filter()
    openai.on(contains="three").truncate()
    found = {}
    for word in ("one", "two", "three"):
        answer = await ask(client, messages=[{"role": "user", "content": word}])
        found[word] = answer.choices[0]
    assert (found["one"].message.refusal, found["one"].message.content) == ("I cannot help with that.", None)
    assert (found["two"].finish_reason, found["three"].finish_reason) == ("content_filter", "length")
    refused = await read(client, messages=[{"role": "user", "content": "one"}])
    assert "".join(c.choices[0].delta.refusal or "" for c in refused) == "I cannot help with that."


async def test_quota_that_is_used_up_is_not_asked_for_again(client, openai):
    openai.on().fail(429, code="insufficient_quota")
    with pytest.raises(sdk.RateLimitError) as caught:
        await ask(client)
    assert caught.value.response.headers["x-should-retry"] == "false"


def test_a_body_that_is_too_large_is_refused(openai):
    big = b'{"model": "m", "messages": [{"role": "user", "content": "%b"}]}' % (b"x" * (9 << 20))
    headers = {"Authorization": f"Bearer {API_KEY}"}
    answer = httpx.post(f"{openai.base_url}/chat/completions", content=big, headers=headers, trust_env=False)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "request_too_large")
