"""Asking the ledger by trace, thousands of scripts by key, and the page that shows calls as they come."""

import hashlib

import httpx
import pytest

from harness.base.http import http_get
from harness.providers.openai.client import FakeOpenAI
from harness.tests.providers.starting import started

BODY = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
KEYS = 3_000


def ask(url, key="sk-right", **headers):
    with httpx.Client(trust_env=False, timeout=10) as client:
        return client.post(
            f"{url}/v1/chat/completions", json=BODY, headers={"authorization": f"Bearer {key}", **headers}
        )


def test_calls_can_be_asked_for_by_trace(openai, server):
    ask(server, traceparent=f"00-{TRACE}-00f067aa0ba902b7-01")
    ask(server, traceparent=f"00-{'1' * 32}-00f067aa0ba902b7-01")
    ask(server)
    (call,) = openai.calls(trace=TRACE)
    assert (call.trace, call.index) == (TRACE, 0)
    assert openai.calls(trace="2" * 32) == []
    assert [each.index for each in openai.calls(trace="")] == [2]
    ask(server, traceparent="nonsense")
    assert len(openai.calls()) == 4


def test_thousands_of_keys_have_a_script_each():
    with (
        started("harness.providers.openai") as url,
        httpx.Client(base_url=url, trust_env=False, timeout=10) as client,
    ):
        for number in range(KEYS):
            rule = {"id": "r", "steps": [{"kind": "reply", "content": f"answer {number}", "times": 1}]}
            headers = {"authorization": f"Bearer sk-{number}"}
            assert client.put("/__fake/rule", json=rule, headers=headers).status_code == 200
        for number in range(0, KEYS, 7):
            headers = {"authorization": f"Bearer sk-{number}"}
            answers = [
                client.post("/v1/chat/completions", json=BODY, headers=headers).json()["choices"][0][
                    "message"
                ]["content"]
                for _ in range(2)
            ]
            assert answers == [f"answer {number}", "A short and helpful answer."]
        mine = FakeOpenAI(url, api_key="sk-7")
        assert len(mine.calls()) == 2
        mine.close()


@pytest.mark.parametrize("path", ["/", "/__fake/"])
def test_the_page_is_plain_html_and_needs_nothing_else(server, path):
    page = http_get(f"{server}{path}")
    assert page.headers["content-type"].startswith("text/html")
    assert "<!doctype html>" in page.text
    assert "http" not in page.text.replace("http-equiv", ""), "it fetches nothing from anywhere"


def test_the_page_asks_for_the_calls_of_all_clients(openai, server):
    ask(server)
    mine = FakeOpenAI(server, api_key="sk-of-somebody")
    mine.reset()
    mine.on().fail(418)
    ask(server, key="sk-of-somebody")
    found = http_get(f"{server}/__fake/latest").json()
    theirs, ours = found[0], next(call for call in found if call["space"] == "")
    assert (theirs["status"], theirs["outcome"]) == (418, "fault")
    assert theirs["space"] == f"key-{hashlib.blake2b(b'sk-of-somebody', digest_size=6).hexdigest()}"
    assert (ours["model"], ours["outcome"]) == ("m", "replied")
    body = http_get(f"{server}/s/{theirs['space']}/__fake/bodies/{theirs['index']}")
    assert body.json() == BODY
    mine.close()
