"""Whoever waits for something long is told what is being done; whoever reads a log gets lines, and no picture."""

import io
import re

import pytest

from harness.base.progress import shown, silence


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_where_there_is_no_terminal_each_step_is_a_line():
    stream = io.StringIO()
    with shown("starting", stream) as progress:
        progress("one")
        progress("two [bold]")
    assert stream.getvalue() == "starting: one\nstarting: two [bold]\n"


def test_where_lines_are_not_wanted_there_are_none():
    stream = io.StringIO()
    with shown("starting", stream, lines=False) as progress:
        progress("one")
    assert stream.getvalue() == ""


def test_on_a_terminal_it_is_one_line_with_the_seconds_that_goes_at_the_end(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with shown("starting", stream) as progress:
        progress("two [/nothing] of rich")
    text = stream.getvalue()
    assert "starting: two [/nothing] of rich" in text
    assert re.search(r"0:00:0\d", text)
    assert text.rstrip().endswith("\x1b[2K")  # erased


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_what_fails_meanwhile_fails(stream):
    with pytest.raises(ZeroDivisionError), shown("starting", stream()):
        raise ZeroDivisionError


def test_nobody_is_told_of_anything(capsys):
    silence("x")
    assert capsys.readouterr() == ("", "")
