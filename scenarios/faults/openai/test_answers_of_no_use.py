"""The provider answers whole and well formed, but not what was asked for: it is paid for, and not kept."""

import pytest

from scenarios.faults.openai.rows import suffer
from scenarios.material import curriculum

pytestmark = [pytest.mark.e2e, pytest.mark.once]


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (lambda it, **times: it.truncate(**times), "truncated"),
        (lambda it, **times: it.reply({"title": "no curriculum"}, wrong=True, **times), "wrong_schema"),
        (lambda it, **times: it.reply({}, wrong=True, **times), "wrong_schema"),
        (lambda it, **times: it.reply("Certainly! Here you are.", wrong=True, **times), "wrong_schema"),
        (lambda it, **times: it.reply(curriculum("a\0"), **times), "wrong_schema"),
        (lambda it, **times: it.call_tool("search", {"q": "Rust"}, **times), "malformed"),
    ],
    ids=["length", "schema", "empty", "prose", "NUL", "tool"],
)
def test_an_answer_of_no_use_is_asked_again_three_times_at_most(system, fault, code):
    """Cut at its length, of another form, empty, prose, with a NUL, a call of a tool: once or for good."""
    found = suffer(system, lambda it: fault(it, times=1))
    assert (found.status, found.calls) == ("completed", 2)
    system.begin_again()
    found = suffer(system, fault)
    assert (found.status, found.code, found.calls) == ("failed", code, 3)


@pytest.mark.parametrize("verb", ["refuse", "filter"])
def test_a_model_that_declines_is_not_pressed(system, verb):
    """A refusal, the model's or the content filter's, ends the roadmap after one call."""
    found = suffer(system, lambda it: getattr(it, verb)())
    assert (found.status, found.code, found.calls) == ("failed", "refused", 1)
