"""A run is named by as much of its id as tells it from the others, and a mistake never names another one."""

import pytest

from harness.base.run_choice import NoSuchRunError, chosen

MORNING, NOON = "20260101-080000-up-3f9a1c", "20260101-120000-up-77ab01"
BOTH = [NOON, MORNING]


@pytest.mark.parametrize("wanted", [MORNING, "3f9a1c", "9a1c", "20260101-08", "20260101-080000-up-3f9a1c"])
def test_the_beginning_or_the_end_of_an_id_is_enough(wanted):
    assert chosen(wanted, BOTH) == MORNING


def test_the_only_one_needs_no_name():
    assert chosen("", [NOON]) == NOON


def test_a_whole_id_is_meant_though_another_one_begins_with_it():
    assert chosen(NOON, [NOON, f"{NOON}-2"]) == NOON


@pytest.mark.parametrize(
    ("wanted", "there", "said"),
    [
        ("", BOTH, f"several stacks are running, choose one of: {MORNING}, {NOON}"),
        ("", [], "no stack is running"),
        ("2026", BOTH, f"'2026' may be any of: {MORNING}, {NOON}"),
        ("080000", BOTH, f"no stack of the run '080000' is running; running: {MORNING}, {NOON}"),
        ("3f9a1c", [], "no stack of the run '3f9a1c' is running; running: none"),
    ],
)
def test_what_may_mean_none_or_several_is_refused_with_those_there_are(wanted, there, said):
    with pytest.raises(NoSuchRunError) as refused:
        chosen(wanted, there)
    assert str(refused.value) == said
