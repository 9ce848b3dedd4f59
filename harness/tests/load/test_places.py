"""Who plays which stream, and who is missed when it does not."""

from harness.load.locust.places import PATIENCE_SECONDS, Places
from harness.load.locust.stream import Stream

LONG = PATIENCE_SECONDS + 1


def report(name, *, ended=0, making=0):
    return {name: {"ended_streams": ended, "making": making}}


def test_a_run_is_done_when_each_stream_is_and_all_of_it_has_ended():
    places = Places(["a", "b"])
    assert not places.done
    places.reported("a", report("host/1", ended=1))
    places.reported("b", report("host/2", ended=1, making=3))
    assert not places.done
    assert places.unplayed() == ["b (host/2)"]
    places.reported("b", report("host/2", ended=1))
    assert places.done
    assert places.unplayed() == []


def test_who_is_silent_for_a_while_is_not_lost_and_who_is_for_long_is():
    places = Places(["a", "b"])
    assert not places.lost({"a"}, 0)
    assert not places.lost({"a", "b"}, LONG)
    assert not places.lost({"a"}, LONG + 1)
    assert places.lost({"a"}, LONG + 1 + LONG)
    assert places.unplayed() == ["b"]


def test_who_is_done_may_go():
    places = Places(["a", "b"])
    places.reported("b", report("host/2", ended=1))
    assert not places.lost({"a"}, 0)
    assert not places.lost({"a"}, LONG)
    assert places.unplayed() == ["a"]


def test_a_stream_is_played_once_and_by_who_has_it_alone():
    mine, nobodys = (Stream([], from_intended="", seed=1, number=number) for number in (0, None))
    assert mine.schedule() is not None
    assert mine.schedule() is None
    assert nobodys.schedule() is None
    assert nobodys.planned == {}
