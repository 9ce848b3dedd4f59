"""A live deployment in the place of a stack: used as a client, left as it was, and never looked into."""

import re

import pytest

from harness.application import Build
from harness.base import pace
from harness.stack.live_deployment import LiveDeployment
from harness.stack.stack import Stack
from harness.stack.target import NotThisBuildError, Target, prove
from harness.substrates.spec import StackSpec
from harness.system.system import NotOursError, System
from harness.tests.shop import shop
from harness.tests.shop.project_folder import ProjectFolder

SCENARIOS = '''
import pytest
from harness.system.faults import Killed

@pytest.mark.remote()
def test_fails(system):
    system.api.ask()
    assert system.api is None

@pytest.mark.remote()
@pytest.mark.verify
def test_orders(system):
    """Tea is ordered."""
    system.api.ask()
    system.check()

def test_looks_into_it(system):
    system.database.value("SELECT 1")

@pytest.mark.remote()
@pytest.mark.stack(tier="market")
def test_wants_a_stack_of_its_own(system):
    pass

@pytest.mark.remote(paid=1)
def test_costs_something(system):
    system.api.ask()
'''
HEALTH = Build(path="/healthz")


@pytest.fixture(scope="module")
def deployment():
    """A shop of which only the address is known."""
    with Stack(StackSpec(), "deployed") as stack:
        yield stack


@pytest.fixture
def outside(pytester):
    """A project that knows the shop, and has scenarios for one that is not ours."""
    ProjectFolder.copy(pytester.path)
    pytester.makepyfile(SCENARIOS)
    return pytester


def orders(stack):
    """What was ordered and not taken back."""
    return stack.database.value("SELECT count(*) FROM orders")


def remote(outside, deployment, *arguments):
    return outside.runpytest_subprocess("--substrate", "remote", "--url", deployment.api_url, *arguments)


@pytest.mark.e2e
def test_what_a_scenario_makes_is_removed_and_what_it_must_not_do_is_skipped(outside, deployment):
    result = remote(outside, deployment, "-rs")
    result.assert_outcomes(passed=1, failed=1, skipped=3)
    result.stdout.fnmatch_lines_random(
        [
            "*it would change a remote deployment, or look into it*",
            "*it calls the deployment's real provider, which costs money: --allow-paid*",
        ]
    )
    assert orders(deployment) == 0


@pytest.mark.e2e
def test_a_failed_scenario_tells_of_its_journal_and_what_it_made_can_be_kept(outside, deployment):
    result = remote(outside, deployment, "--keep-on-failure", "-k", "fails or orders")
    result.assert_outcomes(passed=1, failed=1)
    shown = result.stdout.str()
    assert "INTERNALERROR" not in shown
    assert re.search(rf"web: {deployment.api_url}\nit is not ours to end", shown)
    assert re.search(r"test_fails: /\S+: its journal; nothing else of a live deployment is ours", shown)
    assert orders(deployment) == 1  # of the one that failed: for a person to look at
    deployment.database.execute("TRUNCATE orders CASCADE")


@pytest.mark.e2e
def test_verify_proves_its_promises(outside, deployment):
    outside.mkdir("scenarios")
    (outside.path / "scenarios" / "test_live.py").write_text(SCENARIOS)
    command = ("verify", "--substrate", "remote", "--url", deployment.api_url, "--commit", "any")
    ended = ProjectFolder(outside.path).harness(*command, timeout=100 * pace.factor())
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert f"{deployment.api_url}: 4 scenarios order tea" in ended.stdout
    assert re.search(r"^pass +Tea is ordered", ended.stdout, re.MULTILINE)
    assert "held 1 of 4 promises" in ended.stdout


@pytest.mark.e2e
def test_nothing_of_it_can_be_looked_into(deployment):
    live = LiveDeployment(StackSpec(), Target(deployment.api_url))
    with live:
        system = System(live, lambda _name, _value: None)
        assert (live.nodes, live.roles, system.last_lines().split(":")[0]) == ({}, {}, "everything")
        for look in (lambda: system.database, lambda: system.stack, lambda: system.node("web")):
            with pytest.raises(NotOursError, match=f"{deployment.api_url} is not ours to look into"):
                look()
        system.api.ask()
        system.close()
    assert orders(deployment) == 0


@pytest.mark.e2e
def test_what_does_not_tell_of_its_commit_is_no_proof_of_one(deployment):
    assert prove(Target(deployment.api_url), HEALTH) == ""
    with pytest.raises(NotThisBuildError, match=r"is of the commit that it does not tell, not 0123456"):
        prove(Target(deployment.api_url, "0123456"), HEALTH)
    with pytest.raises(NotThisBuildError, match=r"/healthz is not that of this service"):
        prove(Target(deployment.api_url), Build(path="/healthz", commit="commit"))
    with pytest.raises(NotThisBuildError, match="/nothing answers 404, not 200"):
        prove(Target(deployment.api_url), Build(path="/nothing"))


def test_where_nothing_is_said_of_a_build_it_is_where_the_role_is_ready():
    assert shop.told_build == HEALTH


def test_what_does_not_answer_is_named(closed_port, shop_folder):
    url = f"http://127.0.0.1:{closed_port}"
    with pytest.raises(NotThisBuildError, match=r"/healthz: ConnectionRefusedError"):
        prove(Target(url), HEALTH)
    ended = shop_folder.harness("verify", "--substrate", "remote", "--url", url, "--commit", "any")
    assert (ended.returncode, ended.stdout) == (2, "")


@pytest.mark.parametrize("arguments", [[], ["--url", ""]])
def test_url_and_remote_go_together(arguments, shop_folder):
    ended = shop_folder.harness("verify", "--substrate", "remote", *arguments)
    assert ended.returncode == 2
    assert "go together" in ended.stderr
