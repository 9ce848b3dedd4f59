"""A moment in which the machine was somebody else's is no drift; a machine that has become slower is one."""

import pytest

from harness.load import machine


@pytest.mark.parametrize(
    ("readings", "found"),
    [
        ([1.00, 1.02], 1.02),
        ([2.00, 1.00, 1.01], 1.01),  # taken away for a moment
        ([1.00, 2.00, 2.02], 2.02),  # slower from now on
        ([1.0, 2.0] * 6, 1.0),  # it never comes to rest: the eleventh reading
    ],
)
def test_what_counts_is_what_two_readings_agree_on(monkeypatch, readings, found):
    left = iter(readings)
    monkeypatch.setattr(machine, "reading", lambda: next(left))
    monkeypatch.setattr(machine, "APART_SECONDS", 0)
    assert machine.calibrate() == found


def test_a_reading_is_a_time():
    assert 0 < machine.reading() < 10
