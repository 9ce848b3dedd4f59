"""A run is cut into parts that take equally long; each scenario is in one of them."""

import json
import re

import pytest

COUNT = 12
SCENARIOS = f"""
import pytest

@pytest.mark.parametrize("number", range({COUNT}))
def test_it(number): pass
"""


@pytest.fixture
def scenarios(pytester):
    """The first takes as long as all the others together."""
    pytester.makepyprojecttoml(
        '[tool.pytest.ini_options]\naddopts = ["-p", "harness.plugin.hooks", "-p", "no:schemathesis", "-p", "no:locust", "-p", "no:valkey"]\n'
        'asyncio_default_fixture_loop_scope = "function"\n'
    )
    path = pytester.makepyfile(test_sharded=SCENARIOS)
    durations = {f"{path.name}::test_it[{number}]": 1.0 for number in range(1, COUNT)}
    durations[f"{path.name}::test_it[0]"] = COUNT - 1.0
    (pytester.path / ".test_durations").write_text(json.dumps(durations))

    def run(*arguments):
        return pytester.runpytest_inprocess("--substrate", "embedded", "-v", *arguments)

    return run


def test_the_parts_take_equally_long_and_are_the_whole(scenarios):
    parts = [
        set(re.findall(r"test_it\[(\d+)\] PASSED", scenarios("--shard", f"{k}/2").stdout.str()))
        for k in (1, 2)
    ]
    assert sorted(map(len, parts)) == [1, COUNT - 1]
    assert set.union(*parts) == {str(number) for number in range(COUNT)}


def test_workers_play_the_same_part_and_the_header_names_it(scenarios):
    shown = scenarios("--shard", "1/2", "-n", "1").stdout.str()
    assert "shard 1/2" in shown
    assert len(re.findall("PASSED", shown)) in {1, COUNT - 1}


@pytest.mark.parametrize("wrong", ["3/2", "0/2", "1/0", "2", "a/b", "1/2/3", "-1/2"])
def test_a_part_that_is_none_is_refused(scenarios, wrong):
    refused = scenarios(f"--shard={wrong}")
    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    assert f"--shard {wrong}: write K/N" in refused.stderr.str()
