"""Rows of somebody's own: the same file for a load test and for an application that is declared, and any row can be judged."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from harness.application import App, DeclarationError
from harness.application.table import read_table
from harness.application.words import log
from harness.load.cli import app
from harness.load.locust.demands import ROW
from harness.load.locust.traffic import TABLE
from harness.load.verdict import judge
from harness.tests.load.declared import BAKERY
from harness.tests.load.made_up import made_up

ROWS = """
[mill]
concurrency = { web = 3, mailer = 1, packer = 3 }
database_pool_size = 4
memory_mb = 1024
orders_per_hour = 500
readers = 10

[mill.objectives]
error_rate = 0.01
api_p95_ms = 500
api_p99_ms = 1000
time_to_order_p95_s = 60
log_lag_p95_s = 5
burst = 30
drain_s = 450

[small]
concurrency = { web = 2, mailer = 1, packer = 1 }
database_pool_size = 10
memory_mb = 512
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    """The bakery with rows of somebody's own."""
    (path := tmp_path / "rows.toml").write_text(ROWS)
    monkeypatch.setenv(TABLE, str(path))
    return fresh()


def fresh():
    return replace(BAKERY, traffic=replace(BAKERY.traffic))  # demands are read once


def test_rows_and_loads_come_from_the_file(own):
    assert list(own.rows()) == list(own.traffic.demands.tiers) == ["mill", "small"]
    assert own.rows()["mill"].processes == {"web": 3, "mailer": 1, "packer": 3}
    assert own.rows()["mill"].queues["packer"] == ("parcels",)
    assert own.traffic.demands.tiers["mill"].per_hour == 500
    assert own.traffic.demands.tiers["small"].per_hour == 180  # as the tier of that name


def test_a_row_of_ones_own_is_judged_and_its_neighbours_are_those_of_the_file(own):
    found = judge(made_up("mill", test=own), own.traffic.demands.tiers["mill"], own)
    assert found.carries.value > 500
    said = {s.about: s.said for s in found.of("neighbour").sentences}
    assert (
        "the smaller row" in said["packer: 3 for 500 orders an hour"]
        or "fits" in said["packer: 3 for 500 orders an hour"]
    )


def test_a_stack_is_told_to_be_that_row(own):
    assert own.settings(own.rows()["mill"]) == {
        "WEB_CONCURRENCY": "3", "MAIL_SLOTS": "1", "PACKING_SLOTS": "3", "POOL": "4"
    }  # fmt: skip


def test_the_applications_own_rows_need_no_settings():
    assert BAKERY.settings(BAKERY.rows()["small"]) == {}


def test_an_application_reads_the_same_file(tmp_path):
    (tmp_path / "rows.toml").write_text(ROWS)
    made = App("bakery", root=tmp_path)
    for role in ("web", "mailer", "packer"):
        made.role(role, role, ready=log("ready"))
    made.table("rows.toml")
    assert list(made.tiers) == ["mill", "small"]
    assert made.tiers["mill"].concurrency == {"web": 3, "mailer": 1, "packer": 3}
    assert made.tiers["small"].database_pool_size == 10
    with pytest.raises(DeclarationError, match=r"none\.toml"):
        made.table("none.toml")


@pytest.mark.parametrize("file", ["deploy/tiers.toml"])
def test_what_is_deployed_has_the_same_format(file):
    rows = read_table(Path(__file__).parents[3] / file)
    assert rows["team"].concurrency == {"api": 8, "celery_logs": 4, "celery_content": 4}
    assert (rows["team"].database_pool_size, rows["team"].memory_mb, rows["team"].cpus) == (2, 32768, 32)


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("packer = 3", "packer = 0", r"\[mill\] packer must be a whole number above 0"),
        ("packer = 3", "pakcer = 3", r"\[mill\] concurrency must have"),
        ("memory_mb = 1024", "", "memory_mb"),
        ("memory_mb = 1024", "memory_mb = true", "memory_mb must be a whole number"),
        ("orders_per_hour = 500", "orders_an_hour = 500", "orders_an_hour is unknown"),
        ("[mill]", "mill = 3\n[mil]", "Cannot overwrite"),
        (
            "concurrency = { web = 3, mailer = 1, packer = 3 }",
            "concurrency = 3",
            "concurrency must be a table",
        ),
    ],
)
def test_a_mistake_in_a_table_is_a_sentence(tmp_path, before, after, problem):
    (path := tmp_path / "rows.toml").write_text(ROWS.replace(before, after, 1))
    made_up("small").write(tmp_path)
    done = CliRunner().invoke(app(fresh()), ["report", "--table", str(path), str(tmp_path)])
    said = " ".join(done.output.replace("│", " ").split())
    assert done.exit_code == 2, done.output
    assert re.search(problem, said), said


def test_the_option_is_forgotten_with_its_command(tmp_path):
    (path := tmp_path / "rows.toml").write_text(ROWS)
    made_up("small").write(tmp_path)
    test = fresh()
    done = CliRunner().invoke(app(test), ["report", "--table", str(path), str(tmp_path)])
    assert done.exit_code in {0, 1, 3}, done.output
    assert list(test.traffic.demands.tiers) == ["small", "medium", "large"]


def test_the_keys_of_a_row_are_the_same_for_both_readers():
    from harness.application import table

    assert table.ROW == ROW


def said_of(tmp_path, rows):
    (path := tmp_path / "rows.toml").write_text(rows)
    done = CliRunner().invoke(app(fresh()), ["plan", "--table", str(path)])
    assert done.exit_code == 2, done.output
    return " ".join(done.output.replace("│", " ").split())


def test_all_mistakes_of_a_table_are_told_at_once_each_with_its_line(tmp_path):
    wrong = (
        ROWS.replace("memory_mb = 1024\n", "")
        .replace("orders_per_hour = 500\n", "")
        .replace("burst = 30\n", "burst = 0\n")
    )
    said = said_of(tmp_path, wrong.replace("packer = 1 }", "packer = 0 }"))
    assert "line 17: " in said
    assert "[small] packer must be a whole number" in said
    assert "line 2: rows.toml over orders.toml: [mill] orders_per_hour is missing" in said
    assert "[mill.objectives] burst must be a number above 0, not 0" in said
    said = said_of(tmp_path, wrong)
    assert "line 2: the tier mill has no limits to be judged by: declare its memory_mb" in said


def test_memory_is_one_number_of_each_service_alike(tmp_path):
    said = said_of(tmp_path, ROWS.replace("memory_mb = 1024", "memory_mb = { web = 2048, packer = 1024 }"))
    assert "it is that of each service alike" in said


def test_readers_that_are_left_out_are_those_of_as_many_people(tmp_path, monkeypatch):
    users = "[users]\norders_a_day = 0.2\npeak_hour = 0.1\nreading = 0.001\n"
    (path := tmp_path / "rows.toml").write_text(users + ROWS.replace("readers = 10\n", ""))
    monkeypatch.setenv(TABLE, str(path))
    assert fresh().traffic.demands.tiers["mill"].readers == 25
