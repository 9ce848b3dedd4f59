"""`harness flakes` plays scenarios again and again, and says how often each fails, and how sure that is."""

import json
import re
import signal

import pytest

from harness.base import pace
from harness.base.exits import BY_SIGNAL, Exit
from harness.cli.flakes import slowest
from harness.tests.shop.project_folder import ProjectFolder

PLAYS = """
import pathlib, random
import pytest

@pytest.mark.e2e
def test_steady(): pass

@pytest.mark.e2e
def test_flaky():
    count = pathlib.Path(__file__).with_name("count")
    count.write_text(number := str(int(count.read_text()) + 1) if count.exists() else "1")
    assert int(number) % 4

@pytest.mark.e2e
def test_skipped(): pytest.skip("not today")

@pytest.mark.e2e
def test_torn_down(request):
    request.addfinalizer(lambda: 1 / 0)

@pytest.mark.e2e
@pytest.mark.parametrize("text", ["1-8", "[x]", "中文"])
def test_of_a_text(text): assert text != "[x]"

@pytest.mark.e2e
def test_interrupted():
    with pathlib.Path(__file__).with_name("interrupts").open("a") as plays:
        plays.write("x")
        if plays.tell() == 3:
            raise KeyboardInterrupt

@pytest.mark.e2e
def test_kills_its_worker():
    try:
        pathlib.Path(__file__).with_name("died").touch(exist_ok=False)
    except FileExistsError:
        return
    __import__("os")._exit(9)

@pytest.mark.e2e
@pytest.mark.parametrize("text", ["1-1"])
def test_named_like_a_play(text): pass

@pytest.mark.e2e
def test_says_its_seed(request):
    with pathlib.Path(__file__).with_name("seeds").open("a") as seeds:
        seeds.write(f"{random.random()} {'CI' in __import__('os').environ}\\n")
"""


@pytest.fixture(scope="module")
def shop_copy(tmp_path_factory):
    """With scenarios that end as they are told to."""
    return ProjectFolder.copy(tmp_path_factory.mktemp("flakes"), scenarios=True)


@pytest.fixture(scope="module")
def flakes(shop_copy):
    """Types the command."""
    (shop_copy.path / "scenarios" / "test_plays.py").write_text(PLAYS)

    def play(*names, times=8, more=()):
        nodes = [f"scenarios/test_plays.py::{name}" for name in names]
        return shop_copy.harness("flakes", *nodes, "--times", str(times), *more, timeout=100 * pace.factor())

    return play


@pytest.mark.e2e
def test_what_fails_at_times_is_counted_with_its_interval(flakes, shop_copy):
    kept = shop_copy.path / "flakes.jsonl"
    shown = flakes("test_steady", "test_flaky", more=("--json", str(kept)))
    assert shown.returncode == Exit.VIOLATED, shown.stderr
    found = {
        line["scenario"].rpartition("::")[2]: line for line in map(json.loads, kept.read_text().splitlines())
    }
    assert {name: (line["failed"], line["plays"]) for name, line in found.items()} == {
        "test_steady": (0, 8),
        "test_flaky": (2, 8),
    }
    assert found["test_flaky"]["low"] < 0.25 < found["test_flaky"]["high"]
    assert re.search(
        r"2 of 8 failed \(25 %, 3\.19 to 65\.1 %\) +scenarios/test_plays.py::test_flaky", shown.stdout
    )
    assert "assert" in shown.stdout  # why it failed, once


@pytest.mark.e2e
def test_a_failure_of_what_follows_the_body_counts_once(flakes):
    shown = flakes("test_torn_down", times=3)
    assert shown.returncode == Exit.VIOLATED
    assert "3 of 3 failed" in shown.stdout


@pytest.mark.e2e
def test_each_play_has_a_seed_of_its_own_in_ci_too(flakes, shop_copy, monkeypatch):
    monkeypatch.setenv("CI", "true")
    assert flakes("test_says_its_seed", times=5).returncode == Exit.HOLDS
    seeds = (shop_copy.path / "scenarios" / "seeds").read_text().splitlines()
    assert len(set(seeds)) == 5
    assert not any("True" in line for line in seeds)


@pytest.mark.e2e
@pytest.mark.parametrize("workers", ["1", "2"])
def test_each_case_is_counted_for_itself_by_one_process_and_by_several(flakes, shop_copy, workers):
    kept = shop_copy.path / f"cases{workers}.jsonl"
    shown = flakes("test_of_a_text", times=4, more=("--json", str(kept), "--workers", workers))
    assert shown.returncode == Exit.VIOLATED, shown.stderr
    found = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    assert sorted((line["failed"], line["plays"]) for line in found) == [(0, 4), (0, 4), (4, 4)]
    assert "[1-8]" in "".join(line["scenario"] for line in found)


@pytest.mark.e2e
def test_what_was_counted_before_ctrl_c_is_shown(flakes):
    shown = flakes("test_interrupted", times=9)
    assert shown.returncode == BY_SIGNAL + signal.SIGINT
    assert "0 of 2 failed" in shown.stdout


@pytest.mark.e2e
def test_a_play_that_takes_its_process_with_it_has_failed(flakes):
    shown = flakes("test_kills_its_worker", times=6, more=("--workers", "2"))
    assert shown.returncode == Exit.VIOLATED, shown.stdout + shown.stderr
    assert re.search(r"1 of \d failed", shown.stdout)
    assert "crashed while running" in shown.stdout


@pytest.mark.e2e
def test_played_once_a_scenario_keeps_its_name(flakes):
    shown = flakes("test_named_like_a_play", times=1)
    assert shown.returncode == Exit.HOLDS
    assert "::test_named_like_a_play[1-1]" in shown.stdout


@pytest.mark.e2e
def test_what_was_never_played_is_unknown(flakes):
    shown = flakes("test_skipped", times=2)
    assert shown.returncode == Exit.UNKNOWN
    assert "never played" in shown.stdout


@pytest.mark.in_turn
@pytest.mark.e2e
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("scenarios/test_nowhere.py",), "test_nowhere"),
        ((), "name scenarios, or say --slowest"),
        (("--slowest", "3"), "no timings are recorded"),
        (("scenarios/test_plays.py", "--times", "0"), "--times"),
        (("scenarios/test_plays.py", "--json", "nowhere/flakes.jsonl"), "there is no folder"),
    ],
)
def test_what_cannot_be_played_is_a_mistake(shop_copy, arguments, said):
    shown = shop_copy.harness("flakes", *arguments, timeout=100 * pace.factor())
    assert shown.returncode == Exit.USAGE
    assert said in shown.stderr


def test_the_slowest_are_taken_from_the_recorded_timings(tmp_path):
    recorded = tmp_path / ".test_durations"
    recorded.write_text(json.dumps({"a::x": 1.0, "b::y": 3.0, "c::z": 2.0}))
    assert slowest(2, recorded) == ["b::y", "c::z"]
