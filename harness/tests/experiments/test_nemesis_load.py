"""A nemesis' clients come at their times, insist until they are accepted, and are counted."""

import threading
from contextlib import contextmanager
from types import SimpleNamespace

import httpx
import pytest

from harness.base.wait import eventually
from harness.experiments.nemesis import load as module
from harness.experiments.nemesis.asking import judged
from harness.experiments.nemesis.load import OpenLoad
from harness.experiments.nemesis.schedule import Arrival


class Counter:
    """Answers who asks, one after the other, from a script, then with an acceptance."""

    def __init__(self, *script):
        self.script = list(script)
        self.asked = []
        self._lock = threading.Lock()

    def client(self):
        return self

    def close(self):
        pass

    def request(self, _method, _path):
        return httpx.Response(200)

    def ask(self, arrival):
        with self._lock:
            self.asked.append(arrival.number)
            answer = self.script.pop(0) if self.script else 201
        if isinstance(answer, Exception):
            return False
        return judged(httpx.Response(answer, request=httpx.Request("POST", "http://shop/orders")), 201)


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.0)


@contextmanager
def played(counter, *arrivals):
    with OpenLoad(SimpleNamespace(client=counter.client), counter, iter(arrivals), "/healthz") as load:
        eventually(lambda: load.came == len(arrivals), timeout=5, what="everybody")
        yield load


def test_a_client_asks_until_it_is_accepted():
    counter = Counter(503, httpx.ConnectError("refused"), 429, 201)
    with played(counter, Arrival(1, 0.0, repeated=False)) as load:
        assert load.finish() == 0
    assert (load.came, load.accepted) == (1, 1)
    assert counter.asked == [1] * 4


def test_one_that_repeats_itself_asks_once_more_after_it_was_accepted():
    counter = Counter()
    with played(counter, Arrival(7, 0.0, repeated=True)) as load:
        assert load.finish() == 0
    assert counter.asked == [7] * 2


def test_one_that_loses_patience_is_counted(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.2)
    with played(Counter(*[503] * 1_000_000), Arrival(1, 0.0, repeated=False)) as load:
        assert load.finish() == 1


def test_who_is_still_there_when_all_breaks_off_is_sent_away():
    with (
        pytest.raises(ZeroDivisionError),
        played(Counter(*[503] * 1_000_000), Arrival(1, 0.0, repeated=False)),
    ):
        _ = 1 / 0


def test_nobody_waits_for_those_before():
    counter = Counter(*[503] * 200)
    with played(counter, *(Arrival(number, 0.0, repeated=False) for number in range(1, 6))) as load:
        assert load.finish() == 0
    assert set(counter.asked) == {1, 2, 3, 4, 5}


def test_an_answer_that_no_fault_excuses_is_told():
    def told():
        with pytest.raises(AssertionError, match="answered 422"):
            load.ask_how_it_goes()
        return True

    with played(Counter(422), Arrival(1, 0.0, repeated=False)) as load:
        eventually(told, timeout=5, what="the failure")
        with pytest.raises(AssertionError, match="answered 422"):
            load.finish()
