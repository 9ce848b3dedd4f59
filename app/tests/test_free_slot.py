"""When a worker is taken for one that takes nothing. The clock is the test's own."""

import pytest

from app.tasks.free_slot import FreeSlot

LIMIT = 60.0


@pytest.fixture
def slot(clock):
    return FreeSlot(slots=2, limit=LIMIT, clock=clock)


def test_a_slot_that_was_free_all_the_time_is_seen(slot, clock):
    assert not slot.for_long(1)
    clock.now += LIMIT
    assert slot.idle == LIMIT
    assert slot.for_long(1)
    assert slot.for_long(0)


def test_before_the_limit_it_is_not(slot, clock):
    slot.for_long(0)
    clock.now += LIMIT - 1
    assert not slot.for_long(0)


def test_a_worker_whose_slots_are_all_at_work_is_busy(slot, clock):
    for _ in range(3):
        clock.now += LIMIT
        assert not slot.for_long(2)


def test_a_slot_that_has_just_become_free_may_still_take_the_next_message(slot, clock):
    slot.for_long(2)
    clock.now += 2 * LIMIT  # a long task
    assert not slot.for_long(1)
    slot.took()
    assert not slot.for_long(2)
    clock.now += 2 * LIMIT
    assert not slot.for_long(1)
    clock.now += 1
    assert slot.for_long(1)  # now it might have taken one


def test_a_message_between_two_looks_counts(slot, clock):
    slot.for_long(0)
    clock.now += LIMIT
    slot.took()
    clock.now += LIMIT
    assert not slot.for_long(0)


def test_after_a_new_beginning_it_has_its_time(slot, clock):
    slot.for_long(0)
    clock.now += LIMIT
    assert slot.for_long(0)
    slot.begun_anew()
    clock.now += LIMIT - 1
    assert not slot.for_long(0)
    clock.now += 1
    assert slot.for_long(0)
