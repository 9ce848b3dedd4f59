"""What a planner is told before anything was measured: the figures of docs/capacity.md, of the service's own rows."""

import json
import subprocess
import sys

from typer.testing import CliRunner

from harness.load.cli import app
from loadtests.declaration import LOAD_TEST

HEAVY = {"harness.load.testbed", "harness.stack.stack", "locust", "gevent"}  # of a stack and its load
CAPACITY = LOAD_TEST.traffic.root / "docs" / "capacity.md"


def planned(*words):
    done = CliRunner().invoke(app(LOAD_TEST), ["plan", "--json", *words])
    return done.exit_code, json.loads(done.stdout)


def test_the_rows_at_their_own_loads_are_the_documents_table():
    code, found = planned()
    assert code == 0
    figures = {
        row["row"]: (
            round(row["p95_s"]),
            row["carries_per_hour"],
            round(100 * row["headroom"]),
            round(100 * row["busy"]),
        )
        for row in found["rows"]
    }
    assert figures == {"starter": (75, 87, 56, 40), "developer": (62, 224, 40, 57), "team": (51, 501, 32, 68)}
    text = CAPACITY.read_text(encoding="utf-8")
    for row in found["rows"]:
        p95, carries, headroom, busy = figures[row["row"]]
        line = next(
            line for line in text.splitlines() if line.startswith(f"| {row['row']} | {row['people']:,.0f} |")
        )
        assert line.endswith(f"| {busy} % | {p95} s | {carries} an hour | {headroom} % |")


def test_a_first_planner_is_answered_without_a_record_and_without_a_stack():
    code, found = planned("--people", "3000")
    assert code == 0
    assert found["enough"] == "starter"
    asked = f"""
import sys
sys.argv = ["loadtests", "plan", "--people", "3000"]
from harness.load.cli import main
from loadtests.declaration import LOAD_TEST
try:
    main(LOAD_TEST)
except SystemExit:
    print(sorted({HEAVY} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("[]"), done.stdout


def test_the_documents_costs_and_its_example_of_another_peak_are_the_commands():
    text = CAPACITY.read_text(encoding="utf-8")
    _, found = planned("--people", "1000")
    for row in found["rows"]:
        month = row["provider_a_month"]
        thousand = 1000 * month / row["a_month"]
        assert f"| {row['row']} | ${row['hosting_a_month']:.2f} | ${thousand:.2f} | ${month:.2f} |" in text
    code, found = planned("--people", "3000", "--a-day", "0.167", "--peak-hour", "0.8", "--a-month", "1000")
    assert code == 0
    starter, _, team = found["rows"]
    assert found["enough"] == "team"
    assert (
        f"`team` is enough ({team['busy']:.0%} busy".replace("%", " %") + f", p95 {team['p95_s']:.0f} s)"
        in text
    )
    assert f"`starter` would have {starter['backlog_after_an_hour']} waiting" in text
