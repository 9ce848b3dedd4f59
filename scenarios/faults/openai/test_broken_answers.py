"""The provider's answer does not come whole: nothing of it is kept, and it is asked again."""

import pytest

from scenarios.faults.openai.rows import suffer

pytestmark = [pytest.mark.e2e, pytest.mark.once]


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("how", "at"),
    [
        ("reset", 0.0),
        ("reset", 0.5),
        ("close", 0.0),
        ("close", 0.5),
        ("short", 0.5),
        ("unfinished", 0.5),
        ("early", 0.5),
    ],
)
def test_a_connection_that_breaks_is_made_again(system, how, at):
    """Reset or closed before or in the answer, short of its length, without its last chunk, ended too early."""
    found = suffer(system, lambda it: it.cut(how, at=at, times=1))
    assert (found.status, found.calls) == ("completed", 2)


@pytest.mark.in_turn
@pytest.mark.parametrize("how", ["json", "empty", "html", "sse", "event"])
def test_an_answer_that_cannot_be_read_is_not_kept(system, how):
    """Malformed JSON, an empty object, a page of HTML, malformed events, an error event in mid-stream."""
    found = suffer(system, lambda it: it.garble(how, times=1))
    assert (found.status, found.calls) == ("completed", 2)


def test_answers_that_can_never_be_read_end_the_roadmap(system):
    """Three answers that cannot be read end it, with that as the reason."""
    found = suffer(system, lambda it: it.garble("json"))
    assert (found.status, found.code, found.calls) == ("failed", "malformed", 3)
