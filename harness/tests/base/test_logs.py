import json
import re

import pytest

from harness.base.logs import LogFile, joined


@pytest.fixture
def log(tmp_path):
    return LogFile(tmp_path / "api.log")


def unexpected(lines, allowed=(), words=()):
    errors = [line for line in joined(lines) if line.says_error(words)]
    return [line for line in errors if not any(re.search(pattern, line.text) for pattern in allowed)]


def write(log: LogFile, *lines: object) -> None:
    with log.path.open("a") as opened:
        opened.writelines(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)


def test_a_log_that_does_not_exist_is_empty(log):
    assert (log.cursor(), list(log.lines()), log.tail(5)) == (0, [], "")


def test_a_cursor_shows_only_what_came_later(log):
    write(log, {"level": "info", "message": "before"})
    cursor = log.cursor()
    write(log, {"level": "info", "message": "after"}, "not json", "{half")
    assert [line.message for line in log.lines(cursor)] == ["after", "not json", "{half"]
    assert log.tail(1) == "{half"


def test_only_a_line_feed_ends_a_line(log):
    write(log, json.dumps({"level": "info", "message": "one\u2028line\x85"}, ensure_ascii=False))
    assert [line.message for line in log.lines()] == ["one\u2028line\x85"]


def test_a_part_ends_where_it_is_said_to_end(log):
    write(log, "one")
    end = log.cursor()
    with log.path.open("a") as file:
        file.write("two\n")
    assert [line.text for line in log.lines(until=end)] == ["one"]
    assert [line.text for line in log.lines(end)] == ["two"]


def test_levels_may_be_written_in_any_way(log):
    write(log, {"level": "ERROR", "message": "loud"}, {"level": ["error"], "message": "odd"})
    assert [line.message for line in unexpected(log.lines())] == ["loud"]


def test_work_that_nobody_awaited_is_an_error_whatever_its_level(log):
    warned = "store.py:9: RuntimeWarning: coroutine 'pay' was never awaited"
    write(log, {"level": "warning", "message": warned}, warned, {"level": "warning", "message": "awaited"})
    assert [line.message for line in unexpected(log.lines())] == [warned, warned]


def test_errors_and_tracebacks_are_unexpected_unless_allowed(log):
    write(
        log,
        {"level": "warning", "message": "hm"},
        {"level": "error", "message": "lost the broker"},
        {"level": "critical", "message": "out of memory"},
        "Traceback (most recent call last):",
    )
    assert [line.message for line in unexpected(log.lines(), ["lost the .roker"])] == [
        "out of memory",
        "Traceback (most recent call last):",
    ]


def test_waiting_for_a_line_shows_the_last_ones_when_it_does_not_come(log):
    write(log, {"level": "info", "message": "content@host ready."})
    assert log.wait_for(r"content@\S+ ready", timeout=1).fields["level"] == "info"
    with pytest.raises(TimeoutError, match="content@host"):
        log.wait_for("never", timeout=0)


CELERY = "[2026-01-01 00:00:00,000: WARNING/MainProcess] consumer: Connection to broker lost."
RAISED = [
    "Traceback (most recent call last):",
    '  File "x.py", line 1',
    "    x()",
    "redis.ConnectionError: gone",
]
CHAINED = [*RAISED, "During handling of the above exception, another exception occurred:", *RAISED]


@pytest.mark.parametrize("raised", [RAISED, CHAINED], ids=["one", "chained"])
def test_a_plain_traceback_is_one_error_with_the_line_that_announces_it(log, raised):
    write(log, CELERY, *raised, "and so on")
    (found,) = unexpected(log.lines())
    assert found.text == "\n".join([CELERY, *raised])
    assert found.shown == f"{CELERY} ... redis.ConnectionError: gone"
    for expected in ("Connection to broker lost", "redis.ConnectionError"):
        assert unexpected(log.lines(), [expected]) == []


OUT_OF_MEMORY = "[2026-01-01 00:00:00,000: ERROR/MainProcess] out of memory"


@pytest.mark.parametrize("after", [OUT_OF_MEMORY, {"level": "error", "message": "out of memory"}])
def test_what_follows_a_traceback_is_no_part_of_it(log, after):
    write(log, {"level": "info", "message": "x"}, *RAISED, after, "INFO: fine")
    assert [line.text for line in joined(log.lines())][1] == "\n".join(RAISED)
    (found,) = unexpected(log.lines(), ["redis.ConnectionError"])
    assert "out of memory" in found.text


@pytest.mark.parametrize(
    ("text", "words", "error"),
    [
        ("[2026-01-01 00:00:00,000: ERROR/MainProcess] Pool process exited", (), True),
        ("[2026-01-01 00:00:00,000: CRITICAL/MainProcess] Unrecoverable", (), True),
        ("ERROR:    Application startup failed. Exiting.", (), True),
        ("[2026-01-01 00:00:00,000: INFO/MainProcess] no ERROR here", (), False),
        ("INFO:     ERROR: not at its beginning", (), False),
        ("FATAL Error: the sink is gone", (), False),
        ("FATAL Error: the sink is gone", ("FATAL Error",), True),
    ],
)
def test_plain_lines_say_by_their_words_that_something_went_wrong(log, text, words, error):
    write(log, text)
    assert bool(unexpected(log.lines(), words=words)) is error
