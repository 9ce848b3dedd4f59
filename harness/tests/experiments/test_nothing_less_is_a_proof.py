"""What verify, nemesis, reliability and recheck compare is broken, one part at a time: none of it is a proof any more."""

from dataclasses import asdict, replace

import pytest

from harness.evidence.verdict import Judged, UnsignedError, Verdict
from harness.experiments.nemesis.summary import lacking
from harness.experiments.reliability.document import missing
from harness.experiments.reliability.figures import Figures
from harness.tests.experiments.test_nemesis import summed
from harness.tests.experiments.test_reliability import DECLARED, RUN, everything

SOUND = asdict(summed(rare=True, reached={"a fence refused a write": 1}))
# What tells who it was and what was asked for, or what a person reads of it; nothing hangs on it.
FOR_A_READER = {
    *("run", "seed", "minutes", "substrate", "tier", "commit", "more_than_one_attempt", "worst_recovery"),
    *("post_p99", "health_worst", "lost", "doubled", "rare"),
}


@pytest.mark.parametrize("figure", sorted(set(SOUND) - FOR_A_READER))
def test_a_nemesis_without_one_of_its_figures_is_no_proof(figure):
    empty = {int: 0, dict: {}, list: [], float: None}[type(SOUND[figure])]
    changed = SOUND | {figure: 7 if figure == "gave_up" else empty}
    assert lacking(changed)


@pytest.mark.parametrize("outcome", ["violated", "unknown"])
@pytest.mark.parametrize("check", sorted(SOUND["checks"]))
def test_a_nemesis_with_one_check_that_is_not_good_is_no_proof(check, outcome):
    assert lacking(SOUND | {"checks": SOUND["checks"] | {check: outcome}})


def test_figures_without_one_of_their_lines_are_not_whole():
    whole = everything()
    assert missing(DECLARED, whole) == []
    for number in range(len(whole.rows)):
        assert missing(DECLARED, replace(whole, rows=whole.rows[:number] + whole.rows[number + 1 :]))
    assert missing(DECLARED, Figures(whole.rows, []))


CHANGED = [
    *({"passed": False}, {"faults": []}, {"lost": None}, {"lost": 1}, {"doubled": None}, {"doubled": 1}),
    *({"commit": ""}, {"commit": "another"}, {"commit": "abc+"}, {"tier": "another"}, {"row": 99}),
    {"substrate": "another"},
]


@pytest.mark.parametrize("change", CHANGED, ids=str)
def test_figures_with_one_line_changed_are_not_whole(change):
    assert missing(DECLARED, everything(**change))


@pytest.mark.parametrize(
    "change", [{"checks": {}}, {"windows": 0}, {"gave_up": 1}, {"commit": ""}, {"ends": {}}], ids=str
)
def test_figures_with_one_nemesis_changed_are_not_whole(change):
    assert missing(DECLARED, replace(everything(), nemesis=[RUN | change]))


JUDGED = {
    f"t.py::{name}": Judged(f"evidence/{name}", True, {"whole": "holds"}, f"seal of {name}")
    for name in ("one", "two")
}
VERDICT = Verdict(run="r", commit="abc", substrate="embedded", tier="corner", judged=JUDGED)


def test_a_verdict_misses_whatever_is_not_as_it_was_signed_off(tmp_path):
    VERDICT.sign(tmp_path)
    assert Verdict.load(tmp_path) == VERDICT
    seals = {one.folder: one.seal for one in JUDGED.values()}
    assert VERDICT.lacking(seals) == []
    assert VERDICT.lacking({"evidence/one": "seal of one"}) == ["t.py::two: its evidence is missing"]
    assert VERDICT.lacking(seals | {"evidence/three": "any"}) == [
        "evidence/three: nobody has signed off that it was judged"
    ]
    assert VERDICT.lacking(seals | {"evidence/two": "seal of one"}) == [
        "t.py::two: its evidence is not the one that was judged"
    ]
    assert "no scenario was judged" in replace(VERDICT, judged={}).lacking({})
    path = tmp_path / "verdict.json"
    kept = path.read_text()
    lines = kept.splitlines(keepends=True)
    broken = [kept.replace(word, "x") for word in ("abc", "corner", "embedded", "t.py::two", "holds", "true")]
    broken += ["".join(lines[:number] + lines[number + 1 :]) for number in range(len(lines))]
    for text in [*broken, "", "{}", kept[: len(kept) // 2]]:
        path.write_text(text)
        with pytest.raises(UnsignedError):
            Verdict.load(tmp_path)
    path.unlink()
    with pytest.raises(UnsignedError, match="missing"):
        Verdict.load(tmp_path)


@pytest.mark.parametrize(
    ("passed", "checks", "green"),
    [
        (True, {"a": "holds", "b": "nothing to judge"}, True),
        (False, {"a": "holds"}, False),
        (True, {}, False),
        (True, {"a": "nothing to judge"}, False),
        (True, {"a": "holds", "b": "unknown"}, False),
        (True, {"a": "holds", "b": "violated"}, False),
    ],
)
def test_a_scenario_is_green_where_it_passed_and_something_holds_and_nothing_else_is_to_be_said(
    passed, checks, green
):
    assert Judged("evidence/one", passed, checks).green is green


@pytest.mark.parametrize(
    ("passed", "skipped", "checks", "outcome"),
    [
        (True, False, {"whole": "holds"}, "holds"),
        (False, False, {"whole": "holds"}, "violated"),  # in its teardown
        (True, False, {"whole": "unknown"}, "unknown"),
        (True, False, {}, "unknown"),
        (False, True, {"whole": "unknown"}, "unknown"),  # of a machine that is too slow to tell
        (False, True, {}, "unknown"),
        (False, True, {"whole": "violated"}, "violated"),
        (True, False, {"whole": "violated", "alive": "unknown"}, "violated"),
    ],
)
def test_what_a_scenario_counts_for_is_what_came_of_it_when_it_was_played(passed, skipped, checks, outcome):
    one = Judged("evidence/one", passed, checks, skipped=skipped)
    assert one.outcome.value == outcome
    said = [word.value for word, _ in replace(VERDICT, judged={**JUDGED, "t.py::three": one}).not_green()]
    assert said == [outcome] * (outcome != "holds")
    assert VERDICT.not_green() == []


@pytest.mark.parametrize("commit", ["abc+", "another", ""])
def test_a_verdict_of_another_commit_is_told(commit):
    assert VERDICT.unlike("abc") == []
    assert VERDICT.unlike(commit) == [f"the run is of abc, and not of {commit or 'no commit'}"]
