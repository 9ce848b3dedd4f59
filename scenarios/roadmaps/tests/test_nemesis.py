"""How the product stands a nemesis: its schedule is what it was, and its clients insist under keys of their own."""

import threading

import httpx
import pytest

from harness.experiments.nemesis.load import OpenLoad
from harness.experiments.nemesis.schedule import Arrival, windows
from harness.experiments.nemesis.wound import Deck
from scenarios.roadmaps.application import app
from scenarios.roadmaps.nemesis import ACCOUNTS, NEMESIS, ROADMAPS, Clients
from scenarios.roadmaps.services import API, CONTENT, LOGS

DECK = Deck.of(app, NEMESIS.cuts)


def test_a_schedule_is_what_it_was_when_a_seed_was_written_down():
    """Changed on purpose only: a seed in docs/reliability.md must mean what it meant."""
    assert [str(window) for window in windows(7, 10.0, DECK)][:3] == [
        "   1.1 s, 2.5 s long: Full of redis",
        "  10.1 s, 3.6 s long: Killed, whole group of postgres",
        "  18.0 s, 3.9 s long: Killed, main process of roadmap-celery-content and Reset of roadmap-api/postgres",
    ]


def test_nothing_is_done_to_what_the_harness_itself_sees_with():
    """The scripted provider alone knows what it was asked: only the ways to it are hurt, never it."""
    members = {API, LOGS, CONTENT, "postgres", "redis"}
    links = {f"{role}/{server}" for role in (API, LOGS, CONTENT) for server in ("postgres", "redis")}
    assert {wound.make().target for wound in DECK.wounds} == members | links | {f"{CONTENT}/openai"}


class Api:
    """Answers posts one after the other from a script, then 202."""

    def __init__(self, *script):
        self.script = list(script)
        self.keys = []
        self.signed_up = 0
        self._lock = threading.Lock()

    def client(self):
        return self

    def sign_up(self, _name):
        self.signed_up += 1
        return self

    def close(self):
        pass

    def request(self, method, path, json=None, headers=None):
        if path != ROADMAPS:
            return httpx.Response(200)
        with self._lock:
            self.keys.append(headers["Idempotency-Key"])
            answer = self.script.pop(0) if self.script else 202
        if isinstance(answer, Exception):
            raise answer
        asked = httpx.Request(method, f"http://api{path}")
        return httpx.Response(answer, text=str(json), request=asked)


@pytest.mark.parametrize(("repeated", "asked"), [(False, 4), (True, 5)])
def test_a_client_asks_under_one_key_until_it_is_accepted(monkeypatch, repeated, asked):
    monkeypatch.setattr("harness.experiments.nemesis.load.AGAIN_SECONDS", 0.0)
    api = Api(503, httpx.ConnectError("refused"), 429, 202)
    with OpenLoad(api, Clients(api), iter([Arrival(1, 0.0, repeated=repeated)])) as load:
        load._threads[0].join()
        assert load.finish() == 0
    assert (load.came, load.accepted, api.signed_up) == (1, 1, ACCOUNTS)
    assert api.keys == ["arrival-1"] * asked


def test_an_answer_that_no_fault_excuses_is_told():
    with pytest.raises(AssertionError, match="answered 422"):
        Clients(Api(422)).ask(Arrival(1, 0.0, repeated=False))
