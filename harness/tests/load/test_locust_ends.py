"""How a Locust process ends where something is wrong with it and not with the row: with code 2, and a sentence."""

import json
import os
import subprocess

import pytest

from harness.tests.load.test_workers import LOCUST

pytestmark = [pytest.mark.e2e, pytest.mark.once]


def locust(cwd, *words, **environment):
    load = (
        "--host",
        "http://127.0.0.1:9",
        "--profile",
        "burst",
        "--at-once",
        "20",
        "-t",
        "1s",
        "--record",
        "seen",
    )
    return subprocess.run(
        [*LOCUST, *load, *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
        env={**os.environ, **environment},
    )


def test_a_mistake_in_the_tiers_file_is_a_sentence(tmp_path):
    (wrong := tmp_path / "orders.toml").write_text("[workload\ncalls = 5\n")
    done = locust(tmp_path, TIERS=str(wrong))
    assert done.returncode == 2
    assert "orders.toml: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_judge_that_died_has_judged_nothing(tmp_path):
    done = locust(tmp_path, JUDGE="harness.tests.load.nowhere:BAKERY")
    assert done.returncode == 2, done.stderr


def test_json_on_standard_output_is_nothing_but_json(tmp_path):
    done = locust(tmp_path, "--json")
    assert "INVALID" in done.stderr or "PASS" in done.stderr, done.stderr
    assert json.loads(done.stdout) == []  # nothing was sent to the bakery
    assert done.returncode in {0, 4}


def test_arrivals_come_for_as_many_seconds_as_are_wanted(tmp_path):
    words = ("--host", "http://127.0.0.1:9", "--no-verdict", "--rate", "36000", "--record", "seen")
    subprocess.run(
        [*LOCUST, *words, "--seconds", "4"], cwd=tmp_path, capture_output=True, timeout=110, check=True
    )
    phases = json.loads((tmp_path / "seen" / "generator.json").read_text())["phases"]
    assert sum(phase["seconds"] for phase in phases if phase["name"] != "warm-up") == pytest.approx(4)
