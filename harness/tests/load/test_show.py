"""What a log that nobody watches is told of a run that takes half an hour."""

from harness.load.show import EVERY_SECONDS, now_and_then


def test_each_step_is_told_at_once_and_then_now_and_then():
    told, moment = [], 0.0
    step = now_and_then(told.append, lambda: moment)
    for seconds, said in (
        (0, "a: 0 ended"),
        (1, "a: 1 ended"),
        (EVERY_SECONDS, "a: 9 ended"),
        (1, "b: 0 ended"),
    ):
        moment += seconds
        step(said)
    assert told == ["a: 0 ended", "a: 9 ended", "b: 0 ended"]
