"""What is kept of calls: all sums, the last calls, the last bodies."""

import socket
from urllib.parse import urlsplit

import httpx
import pytest

from harness.providers.openai.ledger import Ledger, Ring
from harness.providers.openai.script import Asked
from harness.tests.providers.openai.conftest import API_KEY

HI = [{"role": "user", "content": "hi"}]


def filled(ring: Ring, count: int, totals=None) -> Ledger:
    ledger = Ledger(ring, "s", {} if totals is None else totals)
    for number in range(count):
        record = ledger.begin(Asked(key=f"k{number}"), b'{"n": %d}' % number)
        record.prompt_tokens = 2
        ledger.end(record, "replied", 200)
    return ledger


def test_the_ring_bounds_what_is_kept_and_not_what_is_counted():
    ledger = filled(Ring(capacity=3), 10)
    assert [call.index for call in ledger.calls({})] == [7, 8, 9]
    assert (ledger.totals.calls, ledger.totals.forgotten, ledger.totals.prompt_tokens) == (10, 7, 20)
    assert ledger.totals.outcomes == {"replied": 10}


def test_bodies_are_bounded_by_their_bytes():
    ledger = filled(Ring(capacity=100, body_bytes=20), 5)
    assert len(ledger.calls({})) == 5
    assert ledger.body(4) == {"n": 4}
    with pytest.raises(KeyError, match="body of call 0 has been forgotten"):
        ledger.body(0)


def test_a_call_is_ended_once_and_not_after_a_reset():
    ledger = filled(Ring(), 0)
    record = ledger.begin(Asked(), b"")
    ledger.end(record, "replied", 200)
    ledger.end(record, "abandoned")
    assert ledger.totals.outcomes == {"replied": 1}
    late = ledger.begin(Asked(), b"")
    ledger.clear()
    ledger.end(late, "replied", 200)
    assert (ledger.totals.calls, ledger.totals.running, ledger.totals.ended) == (0, 0, 0)
    assert ledger.calls({}) == []


def test_who_gives_way_to_somebody_elses_call_is_told():
    ring, totals = Ring(capacity=2), {}
    mine = filled(ring, 2, totals)
    other = Ledger(ring, "other", totals)
    other.end(other.begin(Asked(), b""), "replied")
    assert (mine.totals.forgotten, other.totals.forgotten) == (1, 0)


def test_calls_are_chosen_by_their_fields():
    ledger = filled(Ring(), 3)
    assert [call.key for call in ledger.calls({"key": "k1", "status": "200"})] == ["k1"]
    with pytest.raises(AttributeError):
        ledger.calls({"colour": "red"})


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
