"""When a scenario runs on a substrate is derived from its marks; of what takes turns nothing is left out for ever."""

import json

import pytest

from harness.base import pace
from harness.plugin.occasion import HOME, THIRDS, Rotation, When, needed, select, slot, spawns
from harness.substrates.choice import SUBSTRATES
from harness.substrates.substrate import Capability
from harness.tests.shop.project_folder import ProjectFolder

MARKED = """
import pytest

def test_plain(system): pass

@pytest.mark.once
def test_once(system): pass

@pytest.mark.every_substrate
def test_every(system): pass

@pytest.mark.nightly
def test_nightly(system): pass

@pytest.mark.docker
def test_docker(): pass

@pytest.mark.needs("pids")
def test_pids(system): pass

@pytest.mark.stack(tls=True)
def test_tls(system): pass

@pytest.mark.stack(tls=False)
def test_without_tls(system): pass

@pytest.mark.needs("limits")
def test_limits(system): pass

@pytest.mark.in_turn
@pytest.mark.parametrize("number", range(5))
def test_variants(system, number): pass

@pytest.mark.in_turn
@pytest.mark.every_substrate
@pytest.mark.parametrize("number", range(2))
def test_pair(system, number): pass

@pytest.mark.in_turn
def test_only_one(system): pass

@pytest.mark.spawned
def test_spawned(system): pass

@pytest.mark.spawned
@pytest.mark.stack(tls=True)
def test_spawned_tls(system): pass
"""
CHANGE, VARIANTS, ROTATION, NIGHT, NEVER = When.CHANGE, When.VARIANTS, When.ROTATION, When.NIGHT, When.NEVER
SLOTS = {
    "test_plain": (CHANGE, ROTATION, ROTATION),
    "test_once": (CHANGE, NIGHT, NIGHT),
    "test_every": (CHANGE, CHANGE, CHANGE),
    "test_nightly": (NIGHT, NIGHT, NIGHT),
    "test_docker": (NEVER, CHANGE, NIGHT),
    "test_pids": (CHANGE, ROTATION, NEVER),
    "test_tls": (NEVER, CHANGE, ROTATION),  # nobody else would play it
    "test_limits": (NEVER, NEVER, CHANGE),
    "test_without_tls": (CHANGE, ROTATION, ROTATION),
    **dict.fromkeys([f"test_variants[{number}]" for number in range(5)], (VARIANTS, ROTATION, ROTATION)),
    **dict.fromkeys([f"test_pair[{number}]" for number in range(2)], (VARIANTS, VARIANTS, VARIANTS)),
    "test_only_one": (VARIANTS, ROTATION, ROTATION),
    "test_spawned": (CHANGE, ROTATION, ROTATION),
    "test_spawned_tls": (NEVER, CHANGE, ROTATION),
}
COMMITS = ("4f2a9c0d", "4f2a9c0e", "4f2a9c0f")  # one after the other: each third has its turn


@pytest.fixture
def items(pytester):
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function")
    return {item.name: item for item in pytester.getitems(MARKED)}


def test_the_marks_say_when_a_scenario_runs_on_each_substrate_and_why_it_never_does(items):
    found = {name: tuple(slot(item, where).when for where in SUBSTRATES) for name, item in items.items()}
    assert found == SLOTS
    assert slot(items["test_pids"], "image").why == f"image has not {Capability.PIDS.meaning}"
    assert needed(items["test_tls"]) == {Capability.TLS}


@pytest.mark.parametrize("where", SUBSTRATES)
def test_three_thirds_are_everything_and_no_scenario_is_in_two_of_them(where):
    names = [f"scenarios/test_a.py::test_{number}" for number in range(300)]
    turns = [{name for name in names if Rotation(turn).plays(name, where)} for turn in range(THIRDS)]
    assert sum(map(len, turns)) == len(set.union(*turns)) == len(names)
    # About 100 each; an uneven third would make some changes wait.
    assert all(60 < len(turn) < 140 for turn in turns)


def test_a_commit_has_one_turn_and_each_turn_comes(items):
    assert {Rotation.of(commit).turn for commit in COMMITS} == set(range(THIRDS))
    played = [select([items["test_plain"]], "image", Rotation.of(commit)) for commit in COMMITS]
    assert sorted(map(len, played)) == [0, 0, 1]
    assert Rotation.of("") == Rotation(0)


@pytest.mark.parametrize(
    ("name", "by_a_change"),
    [
        ("test_plain", []),
        ("test_spawned", [HOME]),
        ("test_spawned_tls", ["containers"]),
    ],
)
def test_a_change_spawns_on_one_substrate_and_a_night_on_all(items, name, by_a_change):
    item = items[name]
    assert [where for where in SUBSTRATES if spawns(item, where, "change")] == by_a_change
    assert [where for where in SUBSTRATES if spawns(item, where, "always")] == [
        where for where in SUBSTRATES if by_a_change
    ]


def test_a_scenario_takes_its_turn_on_one_substrate_at_a_time():
    for name in ("a", "b", "c", "d"):
        turns = {
            where: [turn for turn in range(THIRDS) if Rotation(turn).plays(name, where)]
            for where in SUBSTRATES
        }
        assert len({turn for where in turns for turn in turns[where]}) == len(SUBSTRATES)


@pytest.mark.parametrize("where", SUBSTRATES)
def test_each_change_plays_some_variants_and_three_changes_play_all(items, where):
    """Of two as of five: no change is without one, and none waits for more than two changes."""
    kinds = {"test_variants", "test_pair", "test_only_one"}
    ours = [item for name, item in items.items() if name.partition("[")[0] in kinds]
    played = [{item.name for item in select(ours, where, Rotation.of(commit))} for commit in COMMITS]
    alike = [item for item in ours if slot(item, where).when is VARIANTS]
    for turn in played:
        assert {name.partition("[")[0] for name in turn} >= {item.originalname for item in alike}
        assert len(turn & {item.name for item in alike if "variants" in item.name}) <= 2
    assert set.union(*played) == {item.name for item in ours}


@pytest.mark.e2e
def test_a_change_leaves_out_what_is_not_its_turn_and_says_which_third_it_plays(pytester):
    ProjectFolder.copy(pytester.path)
    pytester.makepyfile(MARKED)
    arguments = ("--substrate", HOME, "--collect-only", "-q")
    changed = pytester.runpytest_subprocess(*arguments, "--occasion", "change", "-v")
    shown = changed.stdout.str()
    assert "test_nightly" not in shown
    assert "test_plain" in shown
    assert "third 1 of 3" in shown  # a folder without a history plays the first
    assert "test_nightly" in pytester.runpytest_subprocess(*arguments).stdout.str()


@pytest.mark.e2e
def test_the_schedule_shows_every_pair(pytester):
    project = ProjectFolder.copy(pytester.path, scenarios=True)
    (pytester.path / "scenarios" / "test_marked.py").write_text(
        MARKED.replace("def test", "@pytest.mark.e2e\ndef test")
    )
    shown = project.harness("schedule", "--json", "scenarios/test_marked.py", timeout=100 * pace.factor())
    assert shown.returncode == 0, shown.stderr
    pairs = [json.loads(line) for line in shown.stdout.splitlines()]
    assert len(pairs) == len(SLOTS) * len(SUBSTRATES)
    found = {(pair["scenario"].rpartition("::")[2], pair["where"]): pair["when"] for pair in pairs}
    assert found["test_once", "image"] == "nightly"
    table = project.harness("schedule", "scenarios/test_marked.py", timeout=100 * pace.factor()).stdout
    assert f"{len(SLOTS)} scenarios; third " in table
    assert project.harness("schedule", "scenarios/nothing.py", timeout=100 * pace.factor()).returncode == 2
