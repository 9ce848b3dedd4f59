"""Stacks of the product: what they leave, what their API says of its servers, and what a role that cannot start says of itself."""

import tempfile
from pathlib import Path

import httpx
import pytest

from harness import Stack, StackSpec, WaitTimeoutError, eventually
from harness.base.run import alive
from scenarios.roadmaps.services import API, CONTENT, FLOWER, LOGS

pytestmark = [pytest.mark.e2e, pytest.mark.once]
ONLY_API = StackSpec(omit=(CONTENT, LOGS, FLOWER))


def test_a_stack_leaves_nothing_behind_in_the_temporary_folder():
    before = set(Path(tempfile.gettempdir()).iterdir())
    with Stack(StackSpec(), "litter"):
        pass
    left = set(Path(tempfile.gettempdir()).iterdir()) - before
    assert {path.name for path in left if path.name.startswith("pymp")} == set()


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
