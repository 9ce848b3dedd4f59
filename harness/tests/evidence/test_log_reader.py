import json

import pytest

from harness.evidence.log_reader import LogReader


@pytest.fixture
def write(tmp_path):
    def append(node: str, *lines: str, end: str = "\n") -> None:
        with (tmp_path / f"{node}.log").open("a") as log:
            log.write("\n".join(lines) + end)

    return append


def line(second: int, message: str, **fields: object) -> str:
    return json.dumps(
        {"time": f"2026-01-01T00:00:{second:02}.000Z", "level": "INFO", "message": message} | fields
    )


def shown(reader: LogReader, *nodes: str) -> list[str]:
    return [entry.shown().plain for entry in reader.read(nodes)]


def test_the_lines_of_all_nodes_come_in_the_order_of_their_times(tmp_path, write):
    write("api", line(1, "first"), "Traceback of the first", line(4, "last"))
    write("worker", line(2, "second"))
    write("postgres", "2026-01-01 00:00:03.123 UTC [7] LOG:  third")
    messages = [entry.line.message for entry in LogReader(tmp_path).read()]
    assert messages == [
        "first",
        "Traceback of the first",
        "second",
        "2026-01-01 00:00:03.123 UTC [7] LOG:  third",
        "last",
    ]


def test_a_line_shows_its_node_time_level_message_and_the_rest(tmp_path, write):
    write("api", line(1, "hello", role="api", path="/x"))
    assert shown(LogReader(tmp_path)) == [f"{'api':<22} 00:00:01.000 info     hello  path=/x"]


def test_it_reads_on_and_waits_for_the_end_of_a_line(tmp_path, write):
    reader = LogReader(tmp_path)
    write("api", "one", "tw", end="")
    assert [entry.line.text for entry in reader.read()] == ["one"]
    write("api", "o")
    assert [entry.line.text for entry in reader.read()] == ["two"]
    assert reader.read() == []


def test_raw_is_as_it_was_written(tmp_path, write):
    write("api", line(1, "hello"))
    (entry,) = LogReader(tmp_path).read()
    assert entry.shown(raw=True).plain == line(1, "hello")
    assert LogReader(tmp_path).names() == ["api"]
