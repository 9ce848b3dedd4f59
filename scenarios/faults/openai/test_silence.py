"""The provider falls silent: before its answer, in it, or so slowly that no read ever times out."""

import pytest

from scenarios.faults.openai.rows import suffer

TIMEOUT = 0.8
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.once,
    pytest.mark.stack(env={"OPENAI_TIMEOUT_SECONDS": str(TIMEOUT)}, shared=True),
]


@pytest.mark.in_turn
@pytest.mark.parametrize(
    "fault",
    [
        lambda it: it.hang(times=1),
        lambda it: it.stall(times=1),
        lambda it: it.stall(trickle=0.1, times=1),
    ],
    ids=["hang", "stall", "trickle"],
)
def test_an_answer_that_stalls_is_cut_and_asked_for_again(system, fault):
    """A call takes as long as it may, and no longer, whatever still arrives."""
    found = suffer(system, fault)
    assert (found.status, found.calls) == ("completed", 2)
    assert found.gaps[0] >= TIMEOUT
    assert system.openai.wait_for(1, outcome="abandoned")


def test_a_stall_that_ends_in_time_costs_nothing(system):
    """An answer that was silent for a while and then went on is an answer."""
    found = suffer(system, lambda it: it.stall(TIMEOUT / 4, times=1))
    assert (found.status, found.calls) == ("completed", 1)
