"""What to set for a load: the fewest processes that carry it, and no recommendation that is not earned."""

import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from harness.load.cli import app
from harness.load.comparison import compare
from harness.load.model import UnstableError, simulate
from harness.load.recommendation import Goal, recommend
from harness.tests.load.declared import BAKERY, DEMANDS, MUTANTS
from harness.tests.load.made_up import made_up

LARGE = DEMANDS["large"]


def test_goals_are_read_as_people_write_them():
    assert Goal.parse("1200/h", "p95(time_to_order)<60s", "order") == Goal(
        per_hour=1200, share=0.95, seconds=60
    )
    assert Goal.parse("20/min", "p99( time_to_order ) <= 2min", "order") == Goal(
        per_hour=1200, share=0.99, seconds=120
    )


@pytest.mark.parametrize(("target", "slo"), [("1200", "p95(time_to_order)<60s"), ("1/h", "p95(latency)<1s"), ("0/h", "p95(time_to_order)<60s")])  # fmt: skip
def test_a_goal_that_cannot_be_read_says_how_to_write_it(target, slo):
    with pytest.raises(ValueError, match="write it as"):
        Goal.parse(target, slo, "order")


@pytest.mark.parametrize("per_hour", [100, 600, 1200, 2400])
def test_a_recommendation_holds_in_simulation_and_one_slot_less_is_not_enough_of_a_margin(per_hour):
    run, goal = made_up("large"), Goal(per_hour=per_hour, share=0.95, seconds=60)
    found = recommend(run, LARGE, goal, BAKERY)
    slots = found.processes["packer"]
    chance = np.random.default_rng(3)
    service = run.service()

    def p95(slots):
        arrivals = np.cumsum(chance.exponential(3600 / per_hour, 20_000))
        drawn = chance.choice(service, 20_000)
        return np.quantile(simulate(arrivals, drawn, slots) + drawn, 0.95)

    assert p95(slots) < 60
    assert found.carries >= per_hour
    if slots > 1:
        assert p95(slots - 1) > 30  # nowhere near idle


def test_variables_can_be_pasted_and_their_connections_fit():
    found = recommend(made_up("large"), LARGE, Goal(per_hour=1200, share=0.95, seconds=60), BAKERY)
    assert set(found.variables(BAKERY)) == {
        *("WEB_CONCURRENCY", "MAIL_SLOTS", "PACKING_SLOTS", "POOL"),
    }
    assert 2 * found.pool_size * sum(found.processes.values()) <= 87


def test_what_cannot_be_had_is_refused_with_the_reason():
    with pytest.raises(UnstableError, match="no number of slots"):
        recommend(made_up("large"), LARGE, Goal(per_hour=10, share=0.95, seconds=3), BAKERY)
    with pytest.raises(ValueError, match="pooler"):
        recommend(made_up("large"), LARGE, Goal(per_hour=20_000, share=0.95, seconds=60), BAKERY)


def invoke(*words):
    return CliRunner().invoke(app(BAKERY), [*map(str, words)])


def test_the_command_recommends_from_a_recorded_run(tmp_path):
    made_up("large").write(tmp_path)
    done = invoke(
        "recommend", "--target", "1200/h", "--slo", "p95(time_to_order)<60s", "--cost", "--from", tmp_path
    )
    assert done.exit_code == 0, done.output
    assert "PACKING_SLOTS=" in done.output
    assert "US dollars" in done.output
    assert "our assumption" in done.output


def test_the_command_refuses_an_invalid_run(tmp_path):
    run = made_up("large")
    busy = tuple(replace(one, generator_cpu=0.9) for one in run.replicates)
    run.having(replicates=busy).write(tmp_path)
    done = invoke("recommend", "--target", "1200/h", "--slo", "p95(time_to_order)<60s", "--from", tmp_path)
    assert done.exit_code == 4
    assert "nothing can be recommended" in done.output


def test_a_wrong_goal_is_a_usage_error(tmp_path):
    made_up("large").write(tmp_path)
    done = invoke("recommend", "--target", "much", "--slo", "p95(time_to_order)<60s", "--from", tmp_path)
    assert done.exit_code == 2


def test_a_slower_run_is_worse_and_the_same_is_not(tmp_path):
    run = made_up("medium")
    slow = MUTANTS["slow-provider"].recorded(run)
    assert not any(difference.worse for difference in compare([run], [run], BAKERY))
    assert {d.said.partition(":")[0] for d in compare([run], [slow], BAKERY) if d.worse} == {
        "time to order, p95",
        "service, mean",
        "drain",
    }
    run.write(tmp_path / "before")
    slow.write(tmp_path / "after")
    assert invoke("compare", tmp_path / "before", tmp_path / "after").exit_code == 1
    assert invoke("compare", tmp_path / "after", tmp_path / "before").exit_code == 0


def test_the_report_of_a_recorded_run_exits_as_its_verdict(tmp_path):
    made_up("small").write(tmp_path / "small")
    done = invoke("report", tmp_path)
    assert done.exit_code == 0, done.output
    MUTANTS["one-web-process-too-few"].recorded(made_up("large")).write(tmp_path / "large")
    assert invoke("report", tmp_path).exit_code == 1
    assert (tmp_path / "report.html").exists()


@pytest.mark.parametrize("words", [("check", "--tier", "huge"), ("check", "--quick", "--full"), ("check", "--mutant", "none"), ("counts", "--substrate", "nowhere"), ("report", "nowhere")])  # fmt: skip
def test_a_command_that_cannot_be_meant_exits_2_without_a_traceback(words):
    done = invoke(*words)
    assert done.exit_code == 2
    assert "Traceback" not in done.output


def test_what_is_priced_is_what_is_recommended_at_the_load_that_was_asked_for(tmp_path):
    made_up("large").write(tmp_path)

    def dollars(target):
        words = (
            "recommend",
            "--target",
            target,
            "--slo",
            "p95(time_to_order)<60s",
            "--cost",
            "--from",
            tmp_path,
        )
        return float(
            re.search(r"([0-9.]+) US dollars for 1,000 orders, with these settings", invoke(*words).output)[1]
        )

    assert dollars("30/h") > dollars("600/h") > 1000 * BAKERY.traffic.demands.prices.provider_call * 5


def test_what_has_no_steady_load_is_skipped_and_named(tmp_path):
    made_up("large").write(tmp_path / "1" / "large")
    made_up("small", depth="quick").write(tmp_path / "1" / "small")
    words = ("recommend", "--target", "1200/h", "--slo", "p95(time_to_order)<60s", "--from", tmp_path / "1")
    done = invoke(*words)
    assert done.exit_code == 0, done.output
    assert "skipped: " in done.output
    assert "small has no steady load (quick check)" in " ".join(done.output.split())
    made_up("small", depth="quick").write(tmp_path / "2" / "small")
    done = invoke(*words[:-1], tmp_path / "2")
    assert done.exit_code == 4
    assert "bakery plan" in " ".join(done.output.split())


def test_a_load_that_nobody_may_pay_for_is_refused_before_anything_is_written(tmp_path):
    out = tmp_path / "record"
    done = invoke("check", "--tier", "small", "--url", "http://127.0.0.1:9", "--out", out)
    assert done.exit_code == 2
    assert "--allow-paid" in done.output
    assert not out.exists()
    done = invoke("check", "--tier", "small", "--url", "http://127.0.0.1:9")
    assert not (BAKERY.traffic.root / ".harness").exists()
    assert done.exit_code == 2


def test_arguments_are_read_before_what_a_stack_is_made_of_is_loaded():
    code = (
        "import sys\nfrom harness.load.cli import app\nfrom harness.tests.load.declared import BAKERY\napp(BAKERY)\n"
        "heavy = {'scipy', 'celery', 'asyncpg', 'gevent', 'locust'} & {name.partition('.')[0] for name in sys.modules}\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
