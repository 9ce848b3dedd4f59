"""The page over a session begins with what failed, and forgets nothing that was declared."""

import re

from harness.evidence.session_verdict import Played, SessionVerdict
from harness.plugin.session_page import Shown, session_page

VERDICT = SessionVerdict(
    session="20260101-embedded",
    commit="abc",
    declared=("t.py::good", "t.py::never", "t.py::bad", "t.py::left"),
    played={
        "t.py::good": Played("passed", "run-1"),
        "t.py::bad": Played("failed", "run-2"),
        "t.py::left": Played("skipped"),
    },
)


def test_what_failed_comes_first_and_what_was_not_played_is_there(tmp_path):
    shown = {"t.py::bad": Shown("It <holds>", 1.25, str(tmp_path / "runs/run-2/trace.html"), "assert 0 == 1")}
    page = session_page(VERDICT, shown, tmp_path / "runs", tmp_path / "sessions")
    assert "<h1>1 failed, 1 not played, 1 skipped, 1 passed</h1>" in page
    assert re.findall(r"<small>(t\.py::\w+)", page) == [
        f"t.py::{name}" for name in ("bad", "never", "left", "good")
    ]
    assert "It &lt;holds&gt;" in page
    assert "assert 0 == 1" in page
    assert 'href="../runs/run-2/trace.html"' in page


def test_where_nothing_was_declared_it_says_so(tmp_path):
    page = session_page(SessionVerdict(session="s", commit=""), {}, tmp_path, tmp_path)
    assert "<h1>nothing was declared</h1>" in page
