"""What GitHub reads of a job."""

import pytest

from harness.base.github import CUT, MOST_BYTES, SUMMARY, annotation, summarise


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"message": "wrong", "title": "t"}, "::error title=t::wrong"),
        (
            {"message": "wrong", "title": "t", "file": "a.py", "line": 3},
            "::error file=a.py,line=3,title=t::wrong",
        ),
        ({"message": "wrong", "title": "t", "file": "a.py"}, "::error file=a.py,title=t::wrong"),
        (
            {"message": "100 %\r\na::b, c", "title": "a,b:\n%", "file": "a,b:c.py"},
            "::error file=a%2Cb%3Ac.py,title=a%2Cb%3A%0A%25::100 %25%0D%0Aa::b, c",
        ),
    ],
)
def test_an_annotation_is_one_line_in_which_nothing_ends_it(given, line):
    assert annotation("error", **given) == line


def test_without_a_summary_nothing_is_written(monkeypatch):
    monkeypatch.delenv(SUMMARY, raising=False)
    assert not summarise("text")


def test_a_summary_is_added_to_and_never_larger_than_it_may_be(monkeypatch, tmp_path):
    path = tmp_path / "summary.md"
    monkeypatch.setenv(SUMMARY, str(path))
    assert summarise("one\n")
    assert summarise("twö\n")
    assert path.read_text(encoding="utf-8") == "one\ntwö\n"
    assert summarise("ä" * MOST_BYTES)
    text = path.read_text(encoding="utf-8")
    assert text.endswith(f"ä{CUT}")
    assert MOST_BYTES - 2 < path.stat().st_size <= MOST_BYTES
    assert summarise("more" * 10)
    assert path.stat().st_size <= MOST_BYTES
