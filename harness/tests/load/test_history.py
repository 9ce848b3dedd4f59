"""Runs beside each other: what a comparison and a trend write, and what they say of runs that show nothing."""

from dataclasses import replace

import pytest
from typer.testing import CliRunner

from harness.load.cli import app
from harness.load.cli.trend import past
from harness.load.judgement import Grade
from harness.tests.load.declared import BAKERY, MUTANTS
from harness.tests.load.made_up import made_up


def invoke(*words):
    return CliRunner().invoke(app(BAKERY), [str(word) for word in words])


@pytest.fixture
def two(tmp_path):
    """Folders of a run, and of one whose provider was slower."""
    run = made_up("large")
    run.write(tmp_path / "old")
    MUTANTS["slow-provider"].recorded(run).having(began=run.began + 86_400).write(tmp_path / "new")
    return tmp_path / "old", tmp_path / "new"


def test_a_comparison_is_a_page_with_every_figure(two):
    old, new = two
    done = invoke("compare", old, new)
    assert done.exit_code == 1
    text = (new / "compared.html").read_text()
    assert 'data-outcome="fail"' in text
    assert "time to order" in text
    assert text.count("<tr data-tier=") == done.output.count("->")
    same = invoke("compare", old, old, "--page", old / "same.html")
    assert same.exit_code == 0
    assert "no difference that matters" in (old / "same.html").read_text()


def test_a_trend_has_every_run_judged_as_now(two, tmp_path):
    done = invoke("trend", *two, "--out", tmp_path / "trend.html")
    assert done.exit_code == 0, done.output
    text = (tmp_path / "trend.html").read_text()
    assert text.count("<tr data-outcome=") == 2
    assert "API p95, ms" in text
    assert text.index('data-outcome="fail"') < text.index('data-outcome="pass"')  # the newest first


def test_a_trend_of_nothing_is_refused(tmp_path):
    assert invoke("trend", tmp_path).exit_code == 2


def test_a_run_that_shows_nothing_has_no_figures():
    found = past(made_up("large").having(replicates=()), BAKERY)
    assert (found.grade, found.time_p95_s, found.api_p95_ms, found.carries) == (
        Grade.INVALID,
        None,
        None,
        None,
    )

    def failed(one):
        return replace(one, jobs=tuple(replace(job, outcome="burnt") for job in one.jobs))

    run = made_up("large")
    found = past(run.having(replicates=tuple(map(failed, run.replicates))), BAKERY)
    assert (found.grade, found.time_p95_s) == (Grade.FAIL, None)
