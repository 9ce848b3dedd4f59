"""The workflow on GitHub runs what .ci/run runs: every part, and every piece of the part that is cut up."""

import re
import subprocess

import pytest
import yaml

from harness.base.run import ROOT

WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
JOBS = WORKFLOW["jobs"]
RUN = (ROOT / ".ci" / "run").read_text()
PARTS = re.search(r"^PARTS=\((.*)\)$", RUN, re.MULTILINE)[1].split()


def commands(job):
    """What it runs, once for each value of its matrix."""
    matrix = JOBS[job].get("strategy", {}).get("matrix", {})
    for step in JOBS[job]["steps"]:
        command = step.get("run", "")
        named = re.search(r"\${{ matrix\.(\w+) }}", command)
        yield from (
            [command.replace(named[0], str(value)) for value in matrix[named[1]]] if named else [command]
        )


def test_a_change_runs_every_part_but_the_readmes_which_is_the_nightly_runs():
    ran = {
        part
        for job, text in JOBS.items()
        if text.get("if", "").endswith("!= 'schedule'")
        for command in commands(job)
        if command.startswith(".ci/run")
        for part in command.split()[1:]
    }
    assert ran == set(PARTS) - {"readme"}
    assert ".ci/run" in list(commands("everything"))


def test_the_pieces_are_the_whole():
    shards = JOBS["embedded"]["strategy"]["matrix"]["shard"]
    of = next(step["env"]["SHARD"] for step in JOBS["embedded"]["steps"] if "env" in step).rpartition("/")[2]
    assert shards == list(range(1, int(of) + 1))


@pytest.mark.parametrize("job", [job for job in JOBS if job != "debian"])
def test_each_job_is_bounded_and_keeps_its_evidence_also_when_it_is_cut_off(job):
    assert JOBS[job]["timeout-minutes"]
    keep = JOBS[job]["steps"][-1]
    assert (keep["if"], keep["uses"]) == ("failure() || cancelled()", "./.github/actions/keep")


def test_the_nightly_run_and_a_push_do_not_cancel_each_other():
    group = WORKFLOW["concurrency"]
    assert "github.event_name" in group["group"]
    assert "!= 'schedule'" in group["cancel-in-progress"]


def test_each_part_has_a_budget():
    lines = [line.split() for line in (ROOT / ".ci" / "budgets").read_text().splitlines() if line[0] != "#"]
    assert {name for name, seconds in lines if int(seconds) > 0} == {*PARTS, "engine"}


def test_a_part_that_is_none_is_refused():
    refused = subprocess.run(
        [ROOT / ".ci" / "run", "everything"], capture_output=True, text=True, check=False
    )
    assert refused.returncode == 2
    assert "there is no part 'everything'; there are check readme" in refused.stderr
