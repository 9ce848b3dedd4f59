"""What has become slower is told from what is chance; a time of another run is not compared, and nothing compared is no pass."""

import json
import random
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from harness.cli import app
from harness.experiments import bench
from harness.experiments.bench.comparison import Change, Comparison, NotAComparisonError, earlier
from harness.experiments.bench.figure import Figure

STEADY = (1.0, 1.01, 0.99, 1.02, 0.98, 1.0, 1.01)


def ratio(*, times=1.0, name="r", samples=STEADY, **options):
    return Figure.ratio(name, [value * times for value in samples], **options)


def change(now, before):
    (found,) = Comparison.of([now], {before.name: before}).figures
    return found.change


@pytest.mark.parametrize(
    ("times", "limit", "expected"),
    [
        (1.0, {}, Change.SAME),
        (1.5, {}, Change.WORSE),
        (1.5, {"most": 9.0}, Change.WORSE),
        (1.5, {"least": 0.1}, Change.BETTER),
        (0.5, {"most": 9.0}, Change.BETTER),
        (0.5, {"least": 0.1}, Change.WORSE),
        (1.04, {}, Change.SAME),  # steady as it is, a change so small is not worth anybody's time
    ],
)
def test_a_figure_is_worse_in_the_direction_of_its_limit(times, limit, expected):
    assert change(ratio(times=times, **limit), ratio()) is expected


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (Figure.median("r", [0.1] * 7), Figure.median("r", [0.2] * 7)),
        (ratio(samples=STEADY[:4]), ratio()),
        (ratio(), ratio(samples=STEADY[:1])),
        (Figure(name="r", value=1.0), ratio()),
        (ratio(samples=(0.0,) * 7), ratio()),
        (ratio(), ratio(samples=(0.0,) * 7)),
    ],
)
def test_what_says_nothing_is_not_compared(now, before):
    assert change(now, before) is Change.UNKNOWN


def test_a_figure_that_only_one_run_has_is_named():
    found = Comparison.of([ratio(name="new")], {"old": ratio(name="old")})
    assert [(one.name, one.why) for one in found.figures] == [
        ("new", "only in this run"),
        ("old", "only in the earlier run"),
    ]
    assert not found.compared
    assert not found.worse


def test_equal_runs_are_hardly_ever_different_and_slower_ones_are_found():
    """Eight figures of seven rounds with a tenth of noise: of 12 comparisons. One and a half times as slow is always told."""
    chance = random.Random(1)  # noqa: S311 - no secret

    def run(times=1.0):
        noisy = [[chance.lognormvariate(0, 0.1) * times for _ in range(7)] for _ in range(8)]
        return [Figure.ratio(str(number), values) for number, values in enumerate(noisy)]

    before = [{figure.name: figure for figure in run()} for _ in range(12)]
    wrong = sum(bool(Comparison.of(run(), other).worse) for other in before)
    found = sum(len(Comparison.of(run(1.5), other).worse) == 8 for other in before[:3])
    assert wrong == 0
    assert found == 3


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        None,
        3,
        "figures",
        ["figure"],
        [{}],
        [{"name": "r", "value": 1.0, "unit": ""}],
        [{"name": "r", "value": "fast", "unit": "", "samples": []}],
        [{"name": "r", "value": 1.0, "unit": "", "samples": [float("inf")]}],
        [{"name": "r", "value": float("nan"), "unit": "", "samples": [1.0]}],
    ],
)
def test_what_is_no_earlier_run_is_refused(document):
    with pytest.raises(NotAComparisonError):
        earlier(document)


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run the command on made-up figures, compared with a file's text."""

    def run(figures, text, *options):
        made_up = SimpleNamespace(run=lambda *_: iter(figures), possible_on=lambda _: True)
        monkeypatch.setattr(bench, "BENCHMARKS", {"made-up": made_up})
        file = tmp_path / "before.json"
        if text is not None:
            file.write_text(text)
        return CliRunner().invoke(app, ["bench", "made-up", "--compare", str(file), *options])

    return run


def written(run, *figures):
    """What the command writes of figures."""
    own = run(figures, json.dumps([{"name": "x", "value": 1, "unit": "s", "samples": []}]), "--json")
    return own.stdout


def test_what_it_writes_it_can_compare(run):
    text = written(run, ratio(most=9.0), Figure.median("start", [0.1] * 7))
    same = run([ratio(most=9.0)], text)
    assert (same.exit_code, "no difference" in same.stderr) == (0, True)
    slower = run([ratio(times=2.0, most=9.0)], text)
    assert slower.exit_code == 1
    assert "worse than before: r" in slower.stderr
    assert run([ratio(times=0.4, most=9.0)], text).exit_code == 0
    nothing = run([Figure.median("start", [0.3] * 7)], text)
    assert (nothing.exit_code, "nothing could be compared" in nothing.stderr) == (3, True)
    missed = run([ratio(most=0.5)], text)
    assert (missed.exit_code, "missed: r" in missed.stderr) == (1, True)


@pytest.mark.parametrize("text", [None, "", "[]", "{}", "[1"])
def test_a_file_that_cannot_be_compared_with_is_named_before_anything_is_measured(run, text):
    def figures():
        raise AssertionError("measured")
        yield

    found = run(figures(), text)
    assert found.exit_code == 2
    assert "before.json cannot be compared with" in " ".join(found.stderr.split()).replace("- ", "-")
