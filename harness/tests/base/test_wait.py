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
