"""The shop goes through everything that a deployment of ours goes through, and nothing is changed for it."""

import json
import re
import sys

import pytest

from harness.base import pace
from harness.base.wait import eventually
from harness.evidence.checks import Outcome
from harness.stack.client import use
from harness.stack.stack import Stack
from harness.substrates.spec import StackSpec
from harness.system.faults import Flushed, Frozen, Killed, KillMethod, ReadOnly
from harness.system.faults.faults import NeverBitError
from harness.system.system import System
from harness.tests.shop.project_folder import ProjectFolder

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
PACKED = "SELECT count(*) FROM orders WHERE state = 'packed'"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """With its scenarios."""
    made = ProjectFolder.copy(tmp_path_factory.mktemp("shop"), scenarios=True)
    yield made
    made.harness("down")


def test_its_scenarios_hold_with_their_faults_and_leave_what_can_be_judged_again(project):
    ended = project.harness("verify", "--all", "--substrate", "embedded", timeout=200 * pace.factor())
    assert ended.returncode == 0, ended.stdout
    assert "held 3 of 3 promises" in ended.stdout
    (rows,) = (project.path / ".harness" / "rows").iterdir()
    faults = [json.loads(line)["faults"] for line in rows.read_text().splitlines()]
    assert [fault["name"] for (fault,) in faults] == ["Killed, whole group", "Refused", "Frozen"]
    assert all(fault["traces"] and fault["worst_recovery"] is not None for (fault,) in faults)
    (run,) = project.runs.iterdir()
    judged = project.harness("recheck", run.name)
    assert judged.returncode == 0, judged.stdout
    assert judged.stdout.count("nothing_lost") == 4
    whole = project.harness("recheck")
    assert whole.returncode == 0, whole.stdout
    assert re.search(r"^\d+ holds", whole.stdout, re.MULTILINE)
    (session,) = (project.path / ".harness" / "sessions").glob("*.json")  # its page is beside it
    session.write_text(session.read_text().replace('"passed"', '"skipped"', 1))
    assert project.harness("recheck", "last").returncode == 3


def test_its_scenarios_need_no_plugin_of_pytest_but_the_harness_own(project):
    """As in an environment that has what the extra `scenarios` brings, and no more."""
    command = [sys.executable, "-m", "pytest", "-m", "verify", "--substrate", "embedded", "scenarios"]
    ended = project.run(*command, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "1 passed" in ended.stdout


def test_a_minute_of_nemesis_of_it_holds(project):
    ended = project.harness("nemesis", "--minutes", "1", "--seed", "7", timeout=350 * pace.factor())
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert re.search(r"^lost +0$", ended.stdout, re.MULTILINE)
    assert re.search(r"^accepted +\d+ orders, \d+ packed$", ended.stdout, re.MULTILINE)
    run = re.search(r"harness recheck (\S+)", ended.stdout)[1]
    assert project.harness("recheck", run).returncode == 0


@pytest.fixture
def system():
    with Stack(StackSpec(tier="market"), "shop") as stack:
        made = System(stack, lambda _name, _value: None)
        made.begin()
        yield made
        made.close()


def test_a_stack_of_it_is_hurt_recovers_is_judged_and_is_made_clean(system):
    def packed(number):
        return lambda: system.database.value(PACKED) == number

    system.expect_errors_while_hurt(
        "WorkerLostError|exited with|Connection to broker lost|Cannot connect to redis",
        "web",
        "packer",
        most=50,
    )
    with system.faults.inject(Killed("packer", KillMethod.CHILD), recovered=packed(1), within=30):
        system.api.ask()
    with system.faults.inject(Frozen("redis"), recovered=packed(2), within=30):
        system.api.ask()
    with system.faults.inject(ReadOnly(), recovered=packed(3), within=30):
        system.api.ask()
    assert system.node("packer").alive  # a Redis that refuses ends no worker
    system.check()
    assert {name for name, finding in system.findings.items() if finding.outcome is Outcome.HOLDS} == {
        *("nothing_doubled", "nothing_lost", "latency", "no_secret", "no_unexpected_error"),
        *("faults_bitten", "connections", "descriptors", "memory", "alive", "whole"),
    }
    tasks = system.journal.records("task")
    assert {task["order"] for task in tasks if "order" in task} == {"1", "2", "3"}
    assert system.ledger.ends() == {"packed": 3}
    system.stack.reset()
    assert system.database.value("SELECT count(*) FROM orders") == 0
    use(system.stack)
    eventually(packed(1), timeout=10, what="an order after the reset")


def test_a_redis_that_forgets_has_to_have_something_to_forget(system):
    idle = system.faults.inject(Flushed(), bites_within=0.5)
    with pytest.raises(NeverBitError, match="Flushed of redis never bit"), idle:
        pass
    system.node("packer").pause()
    system.api.ask()
    with system.faults.inject(Flushed()):
        pass
    system.node("packer").resume()
    (trace,) = [record["trace"] for record in system.journal.records("fault") if record.get("trace")]
    assert trace.startswith("1 keys forgotten: ")
