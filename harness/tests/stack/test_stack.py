"""Whole stacks: side by side, incomplete, killed."""

import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import psutil
import pytest

from harness.base.run import alive
from harness.base.wait import WaitTimeoutError, eventually
from harness.stack.address import Address
from harness.stack.stack import Stack
from harness.substrates.spec import StackSpec
from harness.tests.nodes.test_supervisor import lives

pytestmark = pytest.mark.e2e
API, CONTENT, LOGS = "roadmap-api", "roadmap-celery-content", "roadmap-celery-logs"
ONLY_API = StackSpec(omit=(CONTENT, LOGS, "roadmap-celery-flower"))


def test_stacks_run_side_by_side_and_know_nothing_of_each_other():
    first, second = Stack(ONLY_API, "beside"), Stack(ONLY_API, "beside")
    with ExitStack() as running, ThreadPoolExecutor() as pool:
        list(pool.map(running.enter_context, (first, second)))
        account = {"email": "ada@example.com", "username": "ada", "password": "correct horse battery"}
        for stack in (first, second):
            with stack.client() as client:
                client.expect(201, "POST", "/api/v1/auth/register", json=account)
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


def test_readiness_says_what_the_api_cannot_reach():
    with Stack(ONLY_API, "ready") as stack:
        ready = f"{stack.api_url}/health/ready?check=database&check=redis"
        assert httpx.get(ready, trust_env=False).status_code == 200
        with stack.substrate.links.hurt("redis", refuse=True):
            away = httpx.get(ready, trust_env=False, timeout=20)
            assert httpx.get(f"{stack.api_url}/health", trust_env=False).status_code == 200
        assert (away.status_code, [e["pointer"] for e in away.json()["errors"]]) == (503, ["/redis"])
        eventually(lambda: httpx.get(ready, trust_env=False).status_code == 200, timeout=10, what="readiness")
        stack.node("postgres").kill()
        away = httpx.get(ready, trust_env=False, timeout=20)
        assert [e["pointer"] for e in away.json()["errors"]] == ["/database"]
        stack.node("postgres").start()
        eventually(lambda: httpx.get(ready, trust_env=False).status_code == 200, timeout=20, what="readiness")


def test_a_role_that_cannot_start_is_shown_with_its_log_and_leaves_nothing_behind():
    stack = Stack(StackSpec(env={"JWT_ALGORITHM": "none"}, start=(API,)), "broken")
    with pytest.raises(
        WaitTimeoutError, match=r"(?s)roadmap-api ended with exit code 78.*JWT_ALGORITHM is invalid"
    ):
        stack.start()
    assert stack.run.id not in alive()
    assert not stack.run.data.exists()


OWNER = """
import sys, time
from harness.substrates.spec import StackSpec
from harness.stack.stack import Stack
stack = Stack(StackSpec(), "owned")
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
    assert len(family) > 15  # proxy, servers and their workers, three roles and their children
    eventually(lambda: not any(map(lives, family)), timeout=5, what="the end of them all")
    eventually(lambda: not Path(data).exists(), timeout=5, what="the removal of the data")


def test_a_stack_that_is_left_running_is_still_known_when_its_owner_has_let_go():
    stack = Stack(ONLY_API, "left")
    stack.start()
    supervisor = psutil.Process(stack.substrate.detach())
    stack.stop()
    try:
        taken = Stack.attach(Address.find(stack.run.id))
        assert taken.node(API).alive
        taken.stop()
    finally:
        supervisor.terminate()
        stack.substrate.supervisor._reap()
        stack.run.forget()
