"""A nemesis' clients come at their times, insist under one key until they are accepted, and are counted."""

import threading
from contextlib import contextmanager
from types import SimpleNamespace

import httpx
import pytest

from harness.base.wait import eventually
from harness.experiments.nemesis import load as module
from harness.experiments.nemesis.load import ACCOUNTS, ROADMAPS, OpenLoad
from harness.experiments.nemesis.schedule import Arrival


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

    def request(self, _method, path, json=None, headers=None):
        if path != ROADMAPS:
            return httpx.Response(200)
        with self._lock:
            self.keys.append(headers["Idempotency-Key"])
            answer = self.script.pop(0) if self.script else 202
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer, text=str(json))


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.0)


@contextmanager
def played(api, *arrivals):
    with OpenLoad(SimpleNamespace(client=api.client), iter(arrivals)) as load:
        eventually(lambda: load.came == len(arrivals), timeout=5, what="everybody")
        yield load


def test_a_client_asks_under_one_key_until_it_is_accepted():
    api = Api(503, httpx.ConnectError("refused"), 429, 202)
    with played(api, Arrival(1, 0.0, "Rust", repeated=False)) as load:
        assert load.finish() == 0
    assert (load.came, load.accepted, api.signed_up) == (1, 1, ACCOUNTS)
    assert api.keys == ["arrival-1"] * 4


def test_one_that_repeats_itself_asks_once_more_after_it_was_accepted():
    api = Api()
    with played(api, Arrival(7, 0.0, "Rust", repeated=True)) as load:
        assert load.finish() == 0
    assert api.keys == ["arrival-7"] * 2


def test_one_that_loses_patience_is_counted(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.2)
    with played(Api(*[503] * 1_000_000), Arrival(1, 0.0, "Rust", repeated=False)) as load:
        assert load.finish() == 1


def test_who_is_still_there_when_all_breaks_off_is_sent_away():
    with (
        pytest.raises(ZeroDivisionError),
        played(Api(*[503] * 1_000_000), Arrival(1, 0.0, "Rust", repeated=False)),
    ):
        _ = 1 / 0


def test_nobody_waits_for_those_before():
    api = Api(*[503] * 200)
    with played(api, *(Arrival(number, 0.0, "Rust", repeated=False) for number in range(1, 6))) as load:
        assert load.finish() == 0
    assert len(set(api.keys)) == 5


def test_an_answer_that_no_fault_excuses_is_told():
    def told():
        with pytest.raises(AssertionError, match="answered 422"):
            load.ask_how_it_goes()
        return True

    with played(Api(422), Arrival(1, 0.0, "Rust", repeated=False)) as load:
        eventually(told, timeout=5, what="the failure")
        with pytest.raises(AssertionError, match="answered 422"):
            load.finish()
