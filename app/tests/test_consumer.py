"""A worker asks a refusing Redis at longer and longer intervals, and a lost Redis at once."""

import pytest
from celery.exceptions import WorkerShutdown
from celery.worker import consumer as celerys
from celery.worker import state
from redis.exceptions import ConnectionError, NoPermissionError, OutOfMemoryError  # noqa: A004 - the client's

from app.core import consumer
from app.core.broker import create_celery
from app.core.consumer import CALM_SECONDS, LONGEST_PAUSE_SECONDS, Consumer


@pytest.fixture
def clock(monkeypatch):
    """A clock that advances by each wait, so that the test does not wait."""
    now = [1000.0]
    monkeypatch.setattr(consumer.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(consumer.time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    monkeypatch.setattr(celerys.Consumer, "on_connection_error_after_connected", lambda *_: None)
    return now


def waits(own: Consumer, clock: list[float], error: Exception) -> float:
    before = clock[0]
    own.on_connection_error_after_connected(error)
    return round(clock[0] - before, 6)


def test_each_refusal_is_waited_for_twice_as_long_and_never_for_ever(clock):
    own = object.__new__(Consumer)
    waited = [waits(own, clock, NoPermissionError("no")) for _ in range(8)]
    assert waited == [1, 2, 4, 8, 16, LONGEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS]
    clock[0] += CALM_SECONDS
    assert waits(own, clock, OutOfMemoryError("no")) == 1


def test_a_link_that_was_lost_is_made_anew_at_once(clock):
    own = object.__new__(Consumer)
    for error in (ConnectionError("no"), OSError(), TimeoutError()):
        assert waits(own, clock, error) == 0


def test_a_signal_ends_the_wait(clock, monkeypatch):
    monkeypatch.setattr(state, "should_stop", 0)
    with pytest.raises(WorkerShutdown):
        waits(object.__new__(Consumer), clock, NoPermissionError("no"))


def test_it_is_the_one_that_workers_have(settings):
    assert create_celery(settings).conf.worker_consumer == "app.core.consumer:Consumer"
