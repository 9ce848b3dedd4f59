"""What is kept of calls: all sums, the last calls, the last bodies."""

import pytest

from harness.providers.ledger import Ledger, Ring
from harness.providers.script import Asked


def filled(ring: Ring, count: int, totals=None) -> Ledger:
    ledger = Ledger(ring, "s", {} if totals is None else totals)
    for number in range(count):
        record = ledger.begin(Asked(key=f"k{number}"), b'{"n": %d}' % number)
        record.sent = 2
        ledger.end(record, "replied", 200)
    return ledger


def test_the_ring_bounds_what_is_kept_and_not_what_is_counted():
    ledger = filled(Ring(capacity=3), 10)
    assert [call.index for call in ledger.calls({})] == [7, 8, 9]
    assert (ledger.totals.calls, ledger.totals.forgotten, ledger.totals.sent) == (10, 7, 20)
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


def test_calls_are_chosen_by_a_text_of_their_body_as_long_as_it_is_kept():
    ledger = filled(Ring(body_bytes=20), 5)
    assert [call.key for call in ledger.calls({"contains": '"n": 4'})] == ["k4"]
    assert ledger.calls({"contains": '"n": 0'}) == []
