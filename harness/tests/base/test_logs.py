import json

import pytest

from harness.base.logs import LogFile, unexpected


@pytest.fixture
def log(tmp_path):
    return LogFile(tmp_path / "api.log")


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
