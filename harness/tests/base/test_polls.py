"""Polls stand once, whatever is written between them, and an error is never one."""

import json

from harness.base.logs import LogLine
from harness.base.polls import short, without_polls


def line(message, level="info", **fields):
    return LogLine.parse(json.dumps({"level": level, "message": message, **fields}))


def test_polls_stand_once_whatever_is_written_between_them():
    polls = [line(f"GET /orders/{number} 200 {number}.5 ms") for number in range(50)]
    others = [line(f"GET /healthz 200 {number} ms") for number in range(50)]
    lines = [one for pair in zip(polls, others, strict=True) for one in pair]
    lines[40:40] = [line("swept: 1 order published again")]
    found = [(one.message, times) for one, times in without_polls(lines)]
    assert found == [
        ("swept: 1 order published again", 1),
        ("GET /orders/49 200 49.5 ms", 50),
        ("GET /healthz 200 49 ms", 50),
    ]


def test_what_is_said_a_few_times_and_what_went_wrong_is_shown_each_time():
    lines = [line(f"packed {number}") for number in range(3)]
    wrong = [line(f"not packed {number}", "error") for number in range(9)]
    warned = [line(f"late {number}", "warning") for number in range(9)]
    assert [times for _, times in without_polls([*lines, *wrong, *warned])] == [1] * 21
    assert list(without_polls([])) == []


def test_a_line_is_shown_as_a_person_reads_it():
    told = line(
        "broken",
        "error",
        time="2026-01-01T10:20:30.123+00:00",
        role="web",
        order="7",
        exception="Traceback\nValueError: no",
    )
    assert short(told) == "10:20:30.123 ERROR broken order=7 ValueError: no"
    assert short(LogLine.parse("as it is")) == "as it is"
