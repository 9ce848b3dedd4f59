"""What the model says of each row before anything was measured: the figures of the one model, and no word more."""

import json

import pytest
from typer.testing import CliRunner

from harness.load.cli import app
from harness.tests.load.declared import BAKERY
from harness.tests.load.test_table import ROWS, fresh


def planned(*words, test=BAKERY):
    done = CliRunner().invoke(app(test), ["plan", "--json", *map(str, words)])
    return done.exit_code, json.loads(done.stdout) if done.stdout.startswith("{") else done.output


def test_a_load_is_held_against_each_row_and_the_smallest_that_is_enough_is_named():
    code, found = planned("--rate", "300/h")
    assert code == 0
    assert found["measured"] is False
    assert [row["row"] for row in found["rows"]] == ["small", "medium", "large"]
    assert found["enough"] == "medium"
    small, medium, large = found["rows"]
    assert small["busy"] > medium["busy"] > large["busy"]
    assert medium["p50_s"] < medium["p95_s"] <= medium["objective_s"] == 60
    assert medium["carries_per_hour"] > 300
    assert medium["headroom"] == pytest.approx(medium["carries_per_hour"] / 300 - 1, abs=0.01)


def test_where_none_is_enough_it_says_how_many_slots_are_and_how_long_an_hour_of_it_lasts():
    code, found = planned("--rate", "5000/h")
    assert code == 1
    assert found["enough"] is None
    assert found["slots_needed"] > 8
    large = found["rows"][-1]
    assert large["p95_s"] is None
    assert large["backlog_after_an_hour"] > 1000
    assert large["minutes_until_it_is_empty"] > 10
    assert "packing" in CliRunner().invoke(app(BAKERY), ["plan", "--rate", "5000/h"]).output


def test_without_a_load_each_row_has_its_own():
    code, found = planned()
    assert code == 0
    assert [row["per_hour"] for row in found["rows"]] == [180, 360, 600]


def test_a_row_of_ones_own_is_planned(tmp_path):
    (path := tmp_path / "rows.toml").write_text(ROWS)
    code, found = planned("--rate", "400/h", "--table", path, test=fresh())
    assert code == 0
    assert found["enough"] == "mill"
    assert {row["row"]: row["processes"]["packer"] for row in found["rows"]} == {"mill": 3, "small": 1}


def test_a_row_whose_connections_do_not_fit_is_not_enough(tmp_path):
    (path := tmp_path / "rows.toml").write_text(
        ROWS.replace("database_pool_size = 4", "database_pool_size = 7")
    )
    _, found = planned("--rate", "400/h", "--table", path, test=fresh())
    mill = found["rows"][0]
    assert mill["connections"] == 2 * 7 * 7 + 10
    assert not mill["enough"]
    assert "connections" in mill["said"]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--rate", "much"), "is no rate"),
        (("--people", "100"), "[users]"),  # the bakery does not say how its people ask
        (("--rate", "1/h", "--people", "3"), "exclude each other"),
        (("--peak-hour", "2"), "--peak-hour"),
        (("--a-day", "0.3"), "--people"),
    ],
)
def test_what_cannot_be_meant_exits_2(words, problem):
    code, said = planned(*words)
    assert code == 2
    assert problem in " ".join(said.replace("│", " ").split())


def test_people_who_ask_otherwise_are_a_load_without_a_table_of_users():
    code, found = planned("--people", "1000", "--a-day", "0.2", "--peak-hour", "0.5")
    assert code == 0
    assert found["load"]["per_hour"] == pytest.approx(100)
    assert found["load"]["a_month"] == pytest.approx(1000 * 0.2 * 365 * 5 / 7 / 12)
    assert (
        planned("--people", "1000", "--a-day", "0.2", "--peak-hour", "0.5", "--a-month", "50")[1]["load"][
            "a_month"
        ]
        == 50
    )


def test_a_reader_is_told_that_nothing_was_measured_and_what_is_not_in_the_price():
    said = CliRunner().invoke(app(BAKERY), ["plan", "--rate", "300/h"]).output
    assert "not measured" in said
    assert "by [prices]. not included: database" in " ".join(said.split())
    assert "medium is enough" in said
