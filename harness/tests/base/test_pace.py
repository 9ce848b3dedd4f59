"""Waits stretch with the machine, promised times do not: what is later than promised on a slow machine is unknown."""

import itertools
import os

import pytest

from harness.base import pace
from harness.base.wait import WaitTimeoutError, always, eventually


@pytest.fixture
def slower(monkeypatch):
    """Say how many times slower this machine is."""

    def say(text):
        monkeypatch.setenv(pace.VARIABLE, text)
        monkeypatch.delenv(pace.MEASURED, raising=False)
        monkeypatch.delenv(pace.CROWD, raising=False)
        pace._slowness.cache_clear()
        pace.factor.cache_clear()

    yield say
    pace.factor.cache_clear()


@pytest.fixture
def clock(monkeypatch):
    """A clock that goes on by a second at each look."""
    seconds = itertools.count()
    monkeypatch.setattr("harness.base.wait.time.monotonic", lambda: float(next(seconds)))
    monkeypatch.setattr("harness.base.wait.time.sleep", lambda _: None)


def after(looks):
    """A probe that is truthy after so many looks, so at that second."""
    numbers = itertools.count(1)
    return lambda: next(numbers) >= looks


def test_a_wait_stretches_on_a_slow_machine(slower, clock):
    slower("3")
    assert eventually(after(25), timeout=10, what="the end")
    with pytest.raises(WaitTimeoutError, match=r"not within 10 s, stretched 3\.0 times"):
        eventually(after(35), timeout=10, what="the end")


def test_a_wait_does_not_stretch_on_a_fast_one(slower, clock):
    slower("1")
    with pytest.raises(WaitTimeoutError, match=r"not within 10 s\n"):
        eventually(after(25), timeout=10, what="the end")


def test_later_than_promised_is_unknown_on_a_slow_machine_and_says_how_slow_it_is(slower, clock):
    slower("2.5")
    assert eventually(after(8), timeout=10, promised=True, what="the end")
    with pytest.raises(
        pace.TooSlowToTellError, match=r"the end took 15\.0 s, 10 s are promised; .* 2\.5 times"
    ):
        eventually(after(15), timeout=10, promised=True, what="the end")


def test_what_never_comes_is_a_failure_on_any_machine(slower, clock):
    slower("2.5")
    with pytest.raises(WaitTimeoutError):
        eventually(after(1000), timeout=10, promised=True, what="the end")


def test_later_than_promised_is_a_failure_where_the_machine_can_tell(slower, clock):
    slower("1")
    with pytest.raises(WaitTimeoutError):
        eventually(after(12), timeout=10, promised=True, what="the end")


@pytest.mark.parametrize("said", ["0", "0.5", "fast", "-1", "nan", "inf", "21", ""])
def test_a_factor_that_is_none_is_refused_and_an_empty_one_is_measured(slower, said):
    slower(said)
    if said:
        with pytest.raises(ValueError, match=r"HARNESS_PACE: '.*' is no number from 1 to 20"):
            pace.factor()
    else:
        assert 1 <= pace.factor() <= pace.SLOWEST
        assert os.environ[pace.MEASURED]  # handed on to whoever is started from here


@pytest.mark.parametrize(("sample", "factor"), [(0.5, 1), (1.2, 1), (2, 2), (1000, pace.SLOWEST)])
def test_a_little_slower_is_fast_enough_to_tell(monkeypatch, sample, factor):
    monkeypatch.setattr(pace, "_sample", lambda: sample * pace.REFERENCE_SECONDS)
    assert pace.measured() == pytest.approx(factor)


def test_more_processes_than_cores_slow_each_other_down(slower, monkeypatch):
    monkeypatch.setattr(pace, "_sample", lambda: pace.REFERENCE_SECONDS)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    slower("")
    assert pace.begin(6) == 3
    slower("")
    assert pace.begin(1) == 1
    slower("1.5")
    assert pace.begin(6) == 1.5


def test_a_session_inside_of_another_has_the_others_workers_beside_it(slower, monkeypatch):
    monkeypatch.setattr(pace, "_sample", lambda: pace.REFERENCE_SECONDS)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    slower("")
    assert pace.begin(6) == 3
    assert pace.begin(1) == 3


def test_a_machine_that_has_become_slower_since_is_given_more_time(slower, clock, monkeypatch):
    monkeypatch.setattr(pace, "_sample", lambda: pace.REFERENCE_SECONDS)
    slower("")
    assert pace.begin(1) == 1
    monkeypatch.setattr(pace, "_sample", lambda: 3 * pace.REFERENCE_SECONDS)
    pace._slowness.cache_clear()
    assert eventually(after(15), timeout=10, what="the end")
    with pytest.raises(WaitTimeoutError, match=r"not within 10 s, stretched 3\.0 times"):
        eventually(after(45), timeout=10, what="the end")
    pace._slowness.cache_clear()


@pytest.mark.parametrize(
    ("now", "ends"), [(1.0, WaitTimeoutError), (2.0, pace.TooSlowToTellError)], ids=["alone", "disturbed"]
)
def test_a_crowd_that_waits_needs_patience_and_yet_tells_what_is_late(slower, clock, monkeypatch, now, ends):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(pace, "_sample", lambda: pace.REFERENCE_SECONDS)
    slower("")
    assert pace.begin(6) == 3
    monkeypatch.setattr(pace, "_sample", lambda: now * pace.REFERENCE_SECONDS)
    pace._slowness.cache_clear()
    with pytest.raises(ends):
        eventually(after(15), timeout=10, promised=True, what="the end")
    pace._slowness.cache_clear()


@pytest.mark.parametrize(
    ("now", "promised", "ends"),
    [(1.0, True, WaitTimeoutError), (2.0, True, pace.TooSlowToTellError), (2.0, False, WaitTimeoutError)],
    ids=["fast enough", "too slow", "nothing is promised"],
)
def test_what_does_not_stay_as_promised_says_nothing_on_a_slow_machine(monkeypatch, now, promised, ends):
    monkeypatch.setattr(pace, "slowness", lambda: now)
    with pytest.raises(ends, match=r"readiness held for 0\.0 s, 5 s are promised|no longer: readiness"):
        always(lambda: False, during=5, promised=promised, what="readiness")
