"""The harness with our declaration: every row holds in simulation, every mutant is found, every word is ours."""

import re

import pytest
from typer.testing import CliRunner

from harness.base.exits import Exit
from harness.load import reports
from harness.load.cli import app
from harness.load.recommendation import Goal, recommend
from harness.load.rows import declared_rows
from harness.load.verdict import judge
from harness.tests.load.made_up import made_up
from loadtests.declaration import LOAD_TEST

DEMANDS = LOAD_TEST.traffic.demands.tiers
MUTANTS = {mutant.name: mutant for mutant in LOAD_TEST.mutants}


def verdict(run):
    return judge(run, DEMANDS[run.tier], LOAD_TEST)


def test_rows_are_those_of_the_application_that_is_started():
    assert LOAD_TEST.rows() == declared_rows()


@pytest.mark.parametrize("tier", DEMANDS)
def test_a_healthy_row_passes_and_says_what_it_carries(tier):
    found = verdict(made_up(tier, test=LOAD_TEST))
    assert found.exit is Exit.HOLDS
    assert found.carries.low > DEMANDS[tier].per_hour
    assert 20 < found.cost < 40  # the provider alone takes 20.8
    assert 0.05 < found.headroom.low < found.headroom.high < 0.6


@pytest.mark.parametrize("name", MUTANTS)
@pytest.mark.parametrize("tier", DEMANDS)
def test_each_mutant_turns_exactly_its_check_red(tier, name):
    found = verdict(MUTANTS[name].recorded(made_up(tier, test=LOAD_TEST)))
    assert found.red == [MUTANTS[name].red]
    assert found.exit is Exit.VIOLATED


def test_reports_speak_of_roadmaps_and_of_our_roles(tmp_path):
    run = made_up("team", test=LOAD_TEST)
    reports.write([run], [verdict(run)], [], LOAD_TEST, tmp_path)
    markdown = (tmp_path / "report.md").read_text()
    assert (
        "| tier | API | logs | content | verdict | carries an hour | headroom | 1,000 roadmaps |" in markdown
    )
    assert "our assumption (loadtests/tiers.toml), not the guide's" in markdown
    page = (tmp_path / reports.PAGE).read_text()
    assert re.findall(r'<th scope="col">(.*?)</th>', page) == [
        *("tier", "API processes", "logs slots", "content slots", "verdict", "carries, an hour"),
        "1,000 roadmaps",
    ]
    assert "Percentiles of the time to roadmap" in page
    assert "4 content slots" in page


def test_what_is_recommended_can_be_pasted_into_our_settings():
    goal = Goal.parse("1200/h", "p95(time_to_roadmap)<60s", "roadmap")
    found = recommend(made_up("team", test=LOAD_TEST), DEMANDS["team"], goal, LOAD_TEST)
    assert list(found.variables(LOAD_TEST)) == [
        *("UVICORN_WORKERS", "CELERY_LOGS_CONCURRENCY", "CELERY_CONTENT_CONCURRENCY", "DATABASE_POOL_SIZE"),
    ]


def test_help_speaks_of_roadmaps_and_names_the_mutants():
    said = {
        command: " ".join(CliRunner().invoke(app(LOAD_TEST), [command, "--help"]).output.split())
        for command in ("capacity", "check", "recommend")
    }
    assert "p95 of the time to the roadmap" in said["capacity"]
    assert "Roadmaps of each point" in said["capacity"]
    assert "p95(time_to_roadmap)<60s" in said["recommend"]
    assert "half-the-content-slots" in said["check"]
    assert "{" not in "".join(said.values())
