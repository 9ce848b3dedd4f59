import itertools

import pytest

from harness.base.wait import WaitTimeoutError, always, eventually


def test_the_first_truthy_answer_is_returned():
    answers = iter([None, 0, "", "here"])
    assert eventually(lambda: next(answers), timeout=5, what="an answer", poll=0) == "here"


def test_an_exception_is_not_yet():
    answers = iter([ZeroDivisionError(), "here"])

    def probe():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert eventually(probe, timeout=5, what="an answer", poll=0) == "here"


def test_a_time_out_says_what_was_awaited_and_seen_last():
    numbers = itertools.count()

    def probe():
        raise ValueError(f"number {next(numbers)}")

    with pytest.raises(WaitTimeoutError, match=r"for the moon: not within 0\.05 s") as caught:
        eventually(probe, timeout=0.05, what="the moon", poll=0.01, evidence=lambda: "log: cloudy")
    assert "ValueError: number" in str(caught.value)
    assert "log: cloudy" in str(caught.value)
    assert isinstance(caught.value.__cause__, ValueError)


def test_a_reason_to_give_up_ends_the_wait_at_once():
    with pytest.raises(WaitTimeoutError, match="the api died"):
        eventually(lambda: False, timeout=60, what="readiness", unless=lambda: "the api died")


def test_evidence_that_fails_hides_nothing():
    with pytest.raises(WaitTimeoutError, match=r"(?s)last seen: False.*no evidence: division by zero"):
        eventually(lambda: False, timeout=0, what="x", evidence=lambda: str(1 / 0))


def test_always_sees_the_first_falsy_answer():
    answers = itertools.chain([True, True, False], itertools.repeat(True))
    with pytest.raises(WaitTimeoutError, match=r"no longer: steady"):
        always(lambda: next(answers), during=5, what="steady", poll=0)
    always(lambda: True, during=0.02, what="steady", poll=0.001)


def state():
    return "queued"


@pytest.mark.parametrize(
    ("probe", "seen"),
    [
        (lambda: state() == "completed", "False, for state() is 'queued'"),
        (lambda: not state(), "False, for state() is 'queued'"),
        (lambda: any("swept" in line for line in ["one", "two"]), "the last 'two'"),
        (
            lambda: state() == "done" and state() != "queued",
            "False, for state() is 'queued', state() is 'queued'",
        ),
        (lambda: False, "last seen: False"),
        (list, "last seen: []"),
    ],
)
def test_a_no_is_told_with_the_values_that_it_was_made_of(probe, seen):
    with pytest.raises(WaitTimeoutError) as caught:
        eventually(probe, timeout=0, what="the moon")
    assert seen in str(caught.value)


def test_a_function_of_one_return_is_told_with_its_values_and_a_longer_one_as_it_answered():
    wanted = "completed"

    def short():
        """Whether it is done."""
        return state() == wanted

    def long():
        found = state()
        return found == wanted

    for probe, seen in (
        (short, "for state() is 'queued', wanted is 'completed'"),
        (long, "last seen: False"),
    ):
        with pytest.raises(WaitTimeoutError) as caught:
            eventually(probe, timeout=0, what="the moon")
        assert seen in str(caught.value)


def test_a_value_that_cannot_be_asked_for_once_more_hides_nothing():
    answers = iter([1])
    with pytest.raises(WaitTimeoutError, match="last seen: False"):
        eventually(lambda: next(answers) > 1, timeout=0, what="the moon")
