"""What is recorded of calls to this provider: tokens, and whom they are for."""

import socket
from urllib.parse import urlsplit

import httpx
import pytest

from harness.tests.providers.openai.conftest import API_KEY

HI = [{"role": "user", "content": "hi"}]


async def test_sums_agree_with_what_the_client_was_told(client, openai):
    paid = 0
    for _ in range(3):
        answer = await client.chat.completions.create(model="m", messages=HI)
        paid += answer.usage.total_tokens
    openai.on().cut(times=1)
    with pytest.raises(Exception, match=r"[Cc]onnection"):
        await client.chat.completions.create(model="m", messages=HI)
    totals = openai.totals()
    assert totals["prompt_tokens"] + totals["completion_tokens"] == paid
    assert totals["outcomes"] == {"replied": 3, "cut": 1}
    assert totals["sent"] == sum(call.sent for call in openai.calls())
    assert totals["received"] == sum(call.received for call in openai.calls()) > 0


async def test_usage_can_be_scripted(client, openai):
    openai.on().reply("x", usage=(1000, 2000))
    answer = await client.chat.completions.create(model="m", messages=HI)
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (1000, 2000)


async def test_what_was_cut_off_before_it_came_whole_is_no_call(openai, client):
    """As with the provider: what did not arrive was not asked, is not paid for, and is no bad request either."""
    address = urlsplit(openai.base_url)
    head = f"POST {address.path}/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {API_KEY}\r\n"
    for body in ("", '{"model": "m", '):
        with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
            connection.sendall(f"{head}content-length: 100\r\n\r\n{body}".encode())
    await client.chat.completions.create(model="m", messages=HI)
    assert [call.outcome for call in openai.calls()] == ["replied"]


async def test_a_bad_request_is_still_known_by_whom_it_is_for(openai):
    headers = {"authorization": f"Bearer {API_KEY}", "x-client-request-id": "r1/intent/-/2"}
    async with httpx.AsyncClient(base_url=openai.base_url, headers=headers) as plain:
        answer = await plain.post("chat/completions", content=b"{")
    assert answer.status_code == 400
    (call,) = openai.calls()
    assert (call.outcome, call.request, call.step, call.attempt) == ("rejected", "r1", "intent", 2)
