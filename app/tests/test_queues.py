"""When a queue counts as stalled, tested without servers."""

import pytest

from app.roadmaps.queues import QueueState

STALLED = QueueState("content", consumers=1, free=1, waiting=21.0, idle=21.0, limit=20.0)


@pytest.mark.parametrize(
    ("changes", "stalled"),
    [
        ({}, True),
        ({"consumers": 2, "free": 2}, True),
        ({"free": 0}, False),  # all at work
        ({"free": -1}, False),  # more leases than slots: a worker has gone, and its leases still last
        ({"idle": 1.0}, False),  # messages are taken one after the other
        ({"waiting": 19.0}, False),
        ({"waiting": None}, False),
        ({"consumers": 0, "free": 0, "idle": None}, False),  # has its own message
    ],
)
def test_a_queue_is_stalled_only_where_work_a_slot_and_nobody_is(changes, stalled):
    values = {name: getattr(STALLED, name) for name in STALLED.__slots__}
    assert QueueState(**values | changes).stalled is stalled


def test_the_trouble_is_told_with_its_times():
    assert STALLED.trouble() == "is stalled: work has waited for 21 s, and its workers took none for 21 s"
    assert "no consumer" in QueueState("logs", 0, 0, None, None, 20.0).trouble()
    assert QueueState("logs", 1, 1, None, 99.0, 20.0).trouble() == ""
