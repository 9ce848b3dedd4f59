"""Variables of a file, with or without quotes."""

import pytest

from harness.base.dotenv import NoEntryError, entries


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("A=b", [("A", "b")]),
        ("  export A = b c  # why", [("A", "b c")]),
        ("A=#nothing", [("A", "")]),
        ("A=b#c", [("A", "b#c")]),
        ("A='b # c'", [("A", "b # c")]),
        (r'A="b \"c\" \\ d\ne"', [("A", 'b "c" \\ d\ne')]),
        (r"A='b\n'", [("A", r"b\n")]),
        ('A="', [("A", '"')]),
        ("# A=b", []),
        ("", []),
    ],
)
def test_a_line_is_a_name_and_a_value(line, found):
    assert [(name, value) for _, name, value in entries(line)] == found


@pytest.mark.parametrize("line", ["A", "=b", "1A=b", "A b=c"])
def test_what_is_no_entry_is_told_with_its_line(line):
    with pytest.raises(NoEntryError, match="line 2 is no NAME=value"):
        list(entries(f"A=b\n{line}"))
