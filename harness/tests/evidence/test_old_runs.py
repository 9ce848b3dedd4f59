"""Old runs go, the newest and those that somebody may still have to look at stay."""

import pytest

from harness.evidence.old_runs import OldRuns
from harness.evidence.old_sessions import old_sessions
from harness.evidence.session_verdict import Played, SessionVerdict
from harness.evidence.verdict import Judged, Verdict

GREEN = Judged("evidence/one", passed=True, checks={"whole": "holds"}, seal="1")


@pytest.fixture
def runs(tmp_path):
    """Nine of them: of the older ones a bundle, a verdict that is red, one that cannot be read, one that is green."""
    for number in range(1, 10):
        (tmp_path / f"2026010{number}-tests" / "logs").mkdir(parents=True)
        (tmp_path / f"2026010{number}-tests" / "logs" / "web.log").write_text("x" * 100)
    (tmp_path / "20260101-tests" / "failures" / "one").mkdir(parents=True)
    for day, one in (("2", Judged("", passed=False)), ("4", GREEN)):
        verdict = Verdict(run="r", commit="c", substrate="embedded", tier="corner", judged={"t.py::one": one})
        verdict.sign(tmp_path / f"2026010{day}-tests")
    (tmp_path / "20260103-tests" / "verdict.json").write_text("{}")
    return tmp_path


def days(old):
    return [int(folder.name[7]) for folder in old.folders]


@pytest.mark.parametrize(
    ("keep", "failures", "living", "going"),
    [
        (2, 9, (), [4, 5, 6, 7]),
        (2, 1, (), [1, 2, 4, 5, 6, 7]),
        (2, 0, ("20260101-tests",), [2, 3, 4, 5, 6, 7]),
        (0, 0, (), [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (9, 0, (), []),
        (99, 99, (), []),
    ],
)
def test_what_may_go_is_old_and_neither_failed_lately_nor_runs(runs, keep, failures, living, going):
    assert days(OldRuns.among(runs, keep=keep, failures=failures, living=living)) == going


def test_they_are_removed_and_nothing_else(runs):
    old = OldRuns.among(runs, keep=2, failures=9, living=())
    assert (len(old.kept), old.failed, old.bytes >= 400) == (5, 3, True)
    old.remove()
    assert sorted(int(path.name[7]) for path in runs.iterdir()) == [1, 2, 3, 8, 9]


def test_a_session_goes_with_the_last_of_its_runs(tmp_path):
    for name, runs in (("a", ("r1", "r2")), ("b", ("r2", "r3")), ("c", ("r3",))):
        played = {f"t.py::{run}": Played("passed", run) for run in runs}
        SessionVerdict(session=name, commit="c", declared=tuple(played), played=played).sign(tmp_path)
        (tmp_path / f"{name}.html").touch()
    (tmp_path / "a.html").unlink()
    (tmp_path / "d.json").write_text("{}")  # nobody knows of which runs it is
    assert [path.name for path in old_sessions(tmp_path, {"r3"})] == ["a.json"]
    assert [path.name for path in old_sessions(tmp_path, {"r1"})] == ["b.json", "b.html", "c.json", "c.html"]
    assert old_sessions(tmp_path, {"r1", "r2", "r3"}) == []
    assert old_sessions(tmp_path / "nowhere", set()) == []
