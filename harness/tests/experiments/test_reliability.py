"""The document of reliability is what its sources make of it, and says what is missing: the shop's, with figures made up."""

import json
import re
from dataclasses import replace

import pytest

from harness.experiments.reliability.declared import Declared, NotDeclaredError
from harness.experiments.reliability.document import document, missing
from harness.experiments.reliability.figures import Figures, NoFiguresError
from harness.experiments.reliability.scenarios import scenarios_of_rows, unlike
from harness.tests.shop import PROJECT

DECLARED = replace(Declared.load(PROJECT / "docs" / "reliability.toml"), tier="corner")
FAULT = {
    "name": "Flushed",
    "target": "redis",
    "times": 2,
    "traces": ["9 keys forgotten"],
    "worst_recovery": 1.25,
}
LINE = {
    "row": 2,
    "scenario": "scenarios/faults/test_x.py::test_y",
    "substrate": "embedded",
    "tier": "corner",
    "run": "r1",
    "commit": "abc",
    "at": "2026-01-01T00:00:00+00:00",
    "passed": True,
    "faults": [FAULT],
    "lost": 0,
    "doubled": 0,
    "accepted": 3,
}
RUN = {
    "run": "20260101-000000-nemesis-abcdef",
    "seed": 7,
    "minutes": 10.0,
    "substrate": "embedded",
    "tier": "market",
    "commit": "abc",
    "windows": 70,
    "came": 1100,
    "accepted": 1100,
    "ends": {"packed": 1100},
    "done": 1100,
    "gave_up": 0,
    "more_than_one_attempt": 60,
    "lost": 0,
    "doubled": 0,
    "drain_seconds": 4.2,
    "worst_recovery": 6.1,
    "post_p99": 900.0,
    "health_worst": 40.0,
    "checks": {"nothing_lost": "holds", "faults_bitten": "holds"},
}


def everything(**changes) -> Figures:
    """Every row on every substrate, with one line changed."""
    lines = [
        LINE | {"row": row.number, "substrate": substrate}
        for row in DECLARED.rows
        for substrate in DECLARED.substrates
    ]
    return Figures([lines[0] | changes, *lines[1:]], [RUN])


def test_a_line_sums_up_what_its_scenarios_did():
    lines = [
        LINE,
        LINE | {"substrate": "containers", "faults": [FAULT | {"times": 1, "worst_recovery": 3.0}]},
    ]
    (shown,) = [line for line in document(DECLARED, Figures(lines)).splitlines() if line.startswith("| 2 |")]
    assert "| 1 on containers, 2 on embedded | Flushed of redis: 9 keys forgotten | 0 | 0 | 3.0 s |" in shown
    assert shown.endswith("| `.venv/bin/pytest --row 2 scenarios` |")


def test_an_effect_is_one_short_line_for_each_kind_of_fault_and_of_many_the_first():
    wordy = FAULT | {"name": "Forged 0", "traces": ["first\n\nsecond " + "x" * 500]}
    faults = [wordy, wordy | {"target": "another"}, *(FAULT | {"name": f"Forged {n}"} for n in range(1, 9))]
    (line,) = [one for one in document(DECLARED, everything(faults=faults)).splitlines() if "Forged" in one]
    assert "Forged 0 of redis: first second ..." in line
    assert "another" not in line
    assert "and 6 more kinds" in line  # Flushed, of the other substrate, among them


def test_a_line_that_failed_or_lost_something_says_so():
    failed = document(DECLARED, Figures([LINE | {"passed": False, "lost": 2, "doubled": None}]))
    assert "| **failed: scenarios/faults/test_x.py::test_y** | 2 | ? |" in failed


def test_a_nemesis_says_how_to_see_it_again_and_what_did_not_hold():
    assert (
        "| all 2 hold | `.venv/bin/harness nemesis --seed 7 --minutes 10 --substrate embedded` |"
        in document(DECLARED, Figures([], [RUN]))
    )
    bad = RUN | {"checks": {"nothing_lost": "violated", "faults_bitten": "unknown"}}
    assert "| nothing_lost violated, faults_bitten unknown |" in document(DECLARED, Figures([], [bad]))


def test_it_is_told_how_often_what_is_rare_was_reached():
    assert "## Rare states" not in document(DECLARED, Figures([], [RUN]))
    runs = [
        RUN,
        RUN | {"reached": {"a sweep": 3, "a fence": 0}},
        RUN | {"seed": 8, "reached": {"a fence": 2}},
    ]
    shown = document(DECLARED, Figures([], runs))
    assert (
        "| rare state | seed 7 | seed 8 |\n| --- | --- | --- |\n| a sweep | 3 | ? |\n| a fence | 0 | 2 |"
        in shown
    )


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        (everything(substrate="image"), "row 1 was not run on embedded"),
        (everything(passed=False), "row 1, scenarios/faults/test_x.py::test_y on embedded: failed"),
        (everything(faults=[]), "row 1, scenarios/faults/test_x.py::test_y on embedded: tells of no fault"),
        (everything(lost=2), "row 1, scenarios/faults/test_x.py::test_y on embedded: 2 lost"),
        (everything(doubled=1), "row 1, scenarios/faults/test_x.py::test_y on embedded: 1 doubled"),
        (Figures([LINE | {"lost": None}]), "row 2: no scenario has judged what was lost on embedded"),
        (everything(lost=None), "row 1: no scenario has judged what was lost on embedded"),
        (everything(commit="def"), "the figures are of 2 commits: abc, def"),
        (everything(commit="abc+"), "1 of 5 figures are of sources that were changed and not committed"),
        (everything(commit=""), "1 of 5 figures do not tell of which commit they are"),
        (everything(tier="market"), "1 lines are of another tier than corner"),
        (everything(row=26), "there is no row 26, which scenarios/faults/test_x.py::test_y is of"),
        (replace(everything(), nemesis=[]), "there is no nemesis"),
        (
            replace(everything(), nemesis=[RUN | {"checks": RUN["checks"] | {"drained": "unknown"}}]),
            "nemesis 7 on embedded: drained unknown",
        ),
        (
            replace(everything(), nemesis=[RUN | {"checks": {}}]),
            "nemesis 7 on embedded: nothing_lost was not judged, faults_bitten was not judged",
        ),
    ],
)
def test_what_is_missing_is_said(figures, said):
    assert said in missing(DECLARED, figures)


def test_nothing_is_missing_where_all_is_there():
    assert missing(DECLARED, everything()) == []


def test_an_older_file_that_is_named_later_does_not_replace_what_is_newer(tmp_path):
    for name, line in (("1", LINE | {"at": "2026-01-02T00:00:00+00:00", "accepted": 9}), ("2", LINE)):
        (tmp_path / f"{name}.ndjson").write_text(json.dumps(line) + "\n")
    assert [row["accepted"] for row in Figures.of([tmp_path / "1.ndjson", tmp_path / "2.ndjson"]).rows] == [9]


def test_the_scenarios_of_the_table_are_those_that_are_there(tmp_path):
    folder = tmp_path / "scenarios" / "faults"
    folder.mkdir(parents=True)
    (folder / "test_x.py").write_text(
        "import pytest\npytestmark = [pytest.mark.e2e, pytest.mark.row(1)]\n"
        "@pytest.mark.row(2)\ndef test_y(system): ...\ndef test_z(system): ...\n"
    )
    there = scenarios_of_rows(tmp_path)
    assert there == {"scenarios/faults/test_x.py::test_y": {1, 2}, "scenarios/faults/test_x.py::test_z": {1}}
    gone = LINE | {"scenario": "scenarios/faults/test_x.py::test_gone[a]"}
    assert unlike([LINE, gone], there) == [
        "scenarios/faults/test_x.py::test_gone is no scenario of the table any more",
        "scenarios/faults/test_x.py::test_z was not run",
    ]


def test_figures_are_those_of_the_newest_run_of_each_scenario_on_each_substrate(tmp_path):
    for name, line in (
        ("2-b", LINE | {"accepted": 5}),
        ("1-a", LINE),
        ("3-c", LINE | {"substrate": "containers"}),
    ):
        (tmp_path / f"{name}.ndjson").write_text(json.dumps(line) + "\n")
    (tmp_path / "journal.ndjson").write_text('{"kind": "call"}\n')
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "nemesis.json").write_text(json.dumps(RUN | {"faults": [FAULT]}))
    found = Figures.of([tmp_path])
    assert [(row["substrate"], row["accepted"]) for row in found.rows] == [("containers", 3), ("embedded", 5)]
    assert found.nemesis == [RUN]
    found.save(tmp_path / "kept.json")
    assert Figures.load(tmp_path / "kept.json") == found


def test_where_there_are_no_figures_it_says_so(tmp_path):
    with pytest.raises(NoFiguresError, match="neither rows of the table nor a nemesis"):
        Figures.of([tmp_path])


def test_what_was_found_and_what_was_switched_off_are_told(tmp_path):
    shown = document(DECLARED, everything())
    assert "A link to the broker that was half open was believed for 25 s." in shown
    assert re.search(r"\| the lock \| .*nothing_doubled", shown)


def test_without_a_declaration_there_is_no_document(tmp_path):
    with pytest.raises(NotDeclaredError, match=r"reliability\.toml is not there"):
        Declared.load(tmp_path / "reliability.toml")
