"""A scripted HTTP service, as a client of it feels it."""

import json
import threading

import httpx
import pytest

from harness.base.http import http_get
from harness.providers.http.client import FakeHttp
from harness.providers.http.scenario import Rule, Scenario
from harness.providers.http.steps import Reply
from harness.providers.steps import Cut

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@pytest.mark.parametrize("method", METHODS)
def test_every_path_has_the_usual_answer_and_is_recorded(client, sink, method):
    answer = client.request(method, "/orders/7?page=2", content=b"body")
    assert (answer.status_code, answer.json()) == (201, {"ok": True})
    assert answer.headers["content-type"] == "application/json"
    (call,) = sink.wait_for(path="/orders/7")
    assert (call.method, call.outcome, call.status, call.received) == (method, "replied", 201, 4)
    assert answer.headers["x-request-id"].startswith("req_")


def test_a_head_has_no_body(client):
    answer = client.head("/")
    assert (answer.status_code, answer.content) == (201, b"")


def test_a_rule_is_chosen_by_method_path_header_body_and_correlation(client, sink):
    sink.on(method="GET", path="/a").reply({"n": 1})
    sink.on(method="POST", path="/a", contains="two").reply({"n": 2})
    sink.on(headers={"X-Kind": "three"}).reply({"n": 3})
    sink.on(request="r4", step="pay").reply({"n": 4})
    found = [
        client.get("/a"),
        client.post("/a", content=b'{"say": "two"}'),
        client.post("/b", headers={"x-kind": "three"}),
        client.post("/b", headers={"x-client-request-id": "r4/pay/-/1"}),
        client.post("/a", content=b"one"),
    ]
    assert [answer.json().get("n") for answer in found] == [1, 2, 3, 4, None]
    assert [call.rule_step for call in sink.calls()] == [0, 0, 0, 0, None]


def test_a_reply_has_status_headers_and_text(client, sink):
    sink.on().reply(text="<a/>", status=404, headers={"Content-Type": "application/xml", "X-Own": "é"})
    answer = client.get("/")
    assert (answer.status_code, answer.text) == (404, "<a/>")
    assert (answer.headers["content-type"], answer.headers["x-own"]) == ("application/xml", "é")


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body_has_none(client, sink, status):
    sink.on(path="/none").reply({"never": "sent"}, status=status)
    for path in ("/none", "/other"):  # on one connection: what follows is not taken for the body
        answer = client.get(path)
    assert answer.json() == {"ok": True}
    assert [(call.status, call.sent) for call in sink.calls()] == [(status, 0), (201, 11)]


def test_a_header_that_none_can_carry_is_refused(sink):
    for value in ("a\r\nb: c", "日本"):
        with pytest.raises(ValueError, match="refused PUT rule"):
            sink.on().reply(headers={"x": value})


def test_steps_come_in_order_for_each_thing_asked(client, sink):
    sink.on(path="/a").fail(503, times=1, retry_after=2).fail(429, times=1, code="slow_down").reply(
        [], times=1
    )
    found = [client.post("/a") for _ in range(4)]
    assert [answer.status_code for answer in found] == [503, 429, 200, 201]
    assert found[0].headers["retry-after"] == "2"
    assert found[1].json() == {"error": {"code": "slow_down", "message": "Scripted fault."}}
    assert client.get("/a").status_code == 503  # another method is another question


def test_a_delay_is_one(client, sink):
    sink.latency(0.1)
    sink.on(path="/slow").reply([], latency=0.1)
    client.get("/slow")
    client.get("/usual")
    slow, usual = sink.calls()
    assert slow.ended - slow.began >= 0.2
    assert usual.ended - usual.began >= 0.1


def test_a_hang_ends_with_the_client(client, sink):
    sink.on().hang()
    with pytest.raises(httpx.ReadTimeout):
        client.get("/", timeout=0.2)
    assert sink.wait_for(outcome="abandoned", timeout=5)


def test_a_stall_is_an_answer_that_does_not_end(client, sink):
    sink.on(path="/ends").stall(0.1)
    assert client.get("/ends").json() == {"ok": True}
    sink.on().stall()
    with pytest.raises(httpx.ReadTimeout):
        client.get("/", timeout=0.2)


@pytest.mark.parametrize("how", ["reset", "close", "short", "unfinished"])
@pytest.mark.parametrize("body", [{"ok": True}, 1], ids=["some", "one byte"])
def test_a_cut_is_no_answer(client, sink, how, body):
    sink.load(Scenario(reply=Reply(body=body), rules=(Rule(steps=(Cut(how=how),)),)))
    with pytest.raises(httpx.TransportError):
        client.get("/")
    assert sink.wait_for(outcome="cut")


def test_what_is_malformed_is(client, sink):
    sink.on(path="/json").garble("json")
    sink.on(path="/html").garble("html")
    with pytest.raises(json.JSONDecodeError):
        client.get("/json").json()
    assert client.get("/html").headers["content-type"].startswith("text/html")


def test_what_is_more_than_its_limit_is_told_when_to_come_again(client, sink):
    sink.limit(1, per=30)
    assert client.get("/").status_code == 201
    answer = client.get("/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "rate_limit_exceeded")
    assert 0 < int(answer.headers["retry-after"]) <= 30
    assert [call.outcome for call in sink.calls()] == ["replied", "limited"]


def test_what_is_not_scripted_may_be_refused_and_shows_what_came_nearest(client, sink):
    sink.unscripted("nothing")
    sink.on(method="POST", path="/pay").reply([])
    answer = client.get("/pay")
    assert answer.status_code == 501
    (call,) = sink.unmatched()
    assert "nearest  rule-" in call.note
    assert "method is 'GET', not 'POST'" in call.note


def test_calls_are_awaited_and_chosen_by_their_body(client, sink):
    threading.Timer(0.1, lambda: client.post("/hook", json={"nonce": "n-17"})).start()
    (call,) = sink.wait_for(contains="n-17", timeout=10)
    assert sink.body(call) == {"nonce": "n-17"}
    assert sink.calls(contains="n-18") == []
    with pytest.raises(TimeoutError, match=r"\('POST', '/hook', 'replied'\)"):
        sink.wait_for(contains="n-18", timeout=0.05)


def test_spaces_keep_apart_by_address(server, client, sink):
    other = FakeHttp(server, space="other")
    other.reset()
    other.on().reply({"other": True})
    assert client.get("/").json() == {"ok": True}
    assert http_get(f"{other.base_url}/").json() == {"other": True}
    assert http_get(other.base_url).json() == {"other": True}
    assert (len(sink.calls()), len(other.calls())) == (1, 2)
    assert other.calls()[1].path == "/"
    other.close()


def test_a_body_that_is_too_large_is_refused_and_recorded(client, sink):
    answer = client.post("/", content=b"x" * (9 << 20))
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "request_too_large")
    assert [call.outcome for call in sink.calls()] == ["rejected"]
