"""Whole stacks: side by side, incomplete, killed, left running."""

import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from harness.base.http import http_get
from harness.base.run import alive
from harness.base.wait import WaitTimeoutError, eventually
from harness.stack.address import Address
from harness.stack.client import use
from harness.stack.stack import Stack, StaleStackError
from harness.substrates.spec import StackSpec
from harness.tests.nodes.test_supervisor import lives
from harness.tests.shop import shop
from harness.tests.shop.project_folder import ProjectFolder

pytestmark = pytest.mark.e2e
ONLY_WEB = StackSpec(omit=("packer",))


def test_stacks_run_side_by_side_and_know_nothing_of_each_other():
    first, second = Stack(ONLY_WEB, "beside"), Stack(ONLY_WEB, "beside")
    with ExitStack() as running, ThreadPoolExecutor() as pool:
        list(pool.map(running.enter_context, (first, second)))
        for stack in (first, second):
            with stack.client() as client:
                assert client.ask() == "1"
        assert {first.run.id, second.run.id} <= set(alive())
    assert not {first.run.id, second.run.id} & set(alive())
    assert not first.run.data.exists()


def test_a_stack_leaves_nothing_behind_in_the_temporary_folder():
    before = set(Path(tempfile.gettempdir()).iterdir())
    with Stack(StackSpec(), "litter"):
        pass
    assert {
        path.name
        for path in set(Path(tempfile.gettempdir()).iterdir()) - before
        if path.name.startswith("pymp")
    } == set()


def test_a_role_finds_its_servers_again_once_a_link_is_healed_or_a_server_is_back():
    with Stack(ONLY_WEB, "away") as stack, stack.client() as client:

        def taken() -> bool:
            return client.post_work().status_code == 201

        assert taken()
        with stack.substrate.links.hurt("postgres", refuse=True):
            assert client.post_work().status_code == 503
            assert http_get(f"{stack.api_url}/healthz").is_success
        eventually(taken, timeout=10, what="an order that is taken")
        stack.node("postgres").kill()
        assert client.post_work().status_code == 503
        stack.node("postgres").start()
        eventually(taken, timeout=20, what="an order that is taken")


def test_a_role_that_cannot_start_is_shown_with_its_log_and_leaves_nothing_behind():
    broken = replace(shop, env={**shop.env, "SHOP_BROKER": "moon://nowhere"})
    stack = Stack(StackSpec(start=("packer",)), "broken", app=broken)
    with pytest.raises(WaitTimeoutError, match=r"(?s)packer ended with exit code 1.*No such transport: moon"):
        stack.start()
    assert stack.run.id not in alive()
    assert not stack.run.data.exists()


OWNER = """
import sys, time
from harness.tests.shop import shop
from harness.substrates.spec import StackSpec
from harness.stack.stack import Stack
stack = Stack(StackSpec(tier="market"), "owned", app=shop)
stack.start()
print(stack.substrate.supervisor.pid, stack.run.data, flush=True)
time.sleep(120)
"""


def test_nothing_of_a_stack_lives_five_seconds_after_its_owner_was_killed():
    owner = subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True)
    try:
        pid, data = owner.stdout.readline().split()
        supervisor = psutil.Process(int(pid))
        family = [supervisor, *supervisor.children(recursive=True)]
    finally:
        owner.kill()
        owner.wait()
        owner.stdout.close()
    assert len(family) > 10  # proxy, servers and their workers, two roles and the children of one
    eventually(lambda: not any(map(lives, family)), timeout=5, what="the end of them all")
    eventually(lambda: not Path(data).exists(), timeout=5, what="the removal of the data")


@pytest.fixture
def left_running(tmp_path):
    """The id of a stack that was left running, and its application, whose sources may be changed."""
    app = replace(shop, root=ProjectFolder.copy(tmp_path / "shop").path)
    stack = Stack(StackSpec(), "left", app=app)
    stack.start()
    supervisor = psutil.Process(stack.substrate.detach())
    stack.stop()
    yield stack.run.id, app
    supervisor.terminate()
    stack.substrate.supervisor._reap()
    stack.run.forget()


def attached(left_running) -> Stack:
    run, app = left_running
    return Stack.attach(Address.find(run), app=app)


def test_a_stack_that_is_left_running_is_still_known_when_its_owner_has_let_go(left_running):
    taken = attached(left_running)
    assert taken.node("web").alive
    taken.stop()


def test_a_stack_that_is_used_again_runs_the_sources_as_they_are(left_running):
    def pids() -> dict[str, int]:
        stack = attached(left_running)
        try:
            return {name: node.pid for name, node in stack.nodes.items()}
        finally:
            stack.stop()

    first = pids()
    assert pids() == first
    _, app = left_running
    (app.root / "shop" / "__init__.py").touch()
    second = pids()
    assert {name for name, pid in second.items() if pid != first[name]} == {"web", "packer"}
    assert pids() == second

    with (app.root / "shop" / "schema.sql").open("a") as schema:
        schema.write("-- another one\n")
    with pytest.raises(StaleStackError, match="the migrations have changed"):
        pids()


def test_a_stack_is_used_again_unhurt_or_not_at_all(left_running):
    """Whoever used it last may have been ended in the middle of a fault."""
    last = attached(left_running)
    last.node("packer").pause()
    last.stop()
    stack = attached(left_running)
    use(stack)
    stack.node("redis").kill()
    stack.stop()
    with pytest.raises(StaleStackError, match=r"redis of \S+ has ended"):
        attached(left_running)
