"""Stacks of the product: what they leave, what their API says of its servers, and what a role that cannot start says of itself."""

import tempfile
from pathlib import Path

import pytest

from harness import Stack, StackSpec, WaitTimeoutError, eventually
from harness.base.http import http_get
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


def missing(url):
    """What readiness says that is not there."""
    answer = http_get(url, timeout=20)
    return [] if answer.is_success else [error["pointer"] for error in answer.json()["errors"]]


def not_ready(url):
    """The first answer that is no other process's of a second ago."""
    found = eventually(
        lambda: [answer for answer in [http_get(url, timeout=20)] if not answer.is_success],
        timeout=10,
        what="not ready",
    )
    return found[0]


def test_readiness_says_what_the_api_cannot_reach():
    with Stack(ONLY_API, "ready") as stack:
        ready = f"{stack.api_url}/health/ready?check=database&check=redis"
        assert http_get(ready).status_code == 200
        with stack.substrate.links.hurt("redis", refuse=True):
            away = not_ready(ready)
            assert http_get(f"{stack.api_url}/health").status_code == 200
        assert (away.status_code, [e["pointer"] for e in away.json()["errors"]]) == (503, ["/redis"])
        eventually(lambda: http_get(ready).status_code == 200, timeout=10, what="readiness")
        stack.node("postgres").kill()
        # Each process may still have its own answer of a second ago.
        eventually(
            lambda: missing(ready) == ["/database"], timeout=10, what="the database to be missed alone"
        )
        stack.node("postgres").start()
        eventually(lambda: http_get(ready).status_code == 200, timeout=20, what="readiness")


def test_a_role_that_cannot_start_is_shown_with_its_log_and_leaves_nothing_behind():
    stack = Stack(StackSpec(env={"JWT_ALGORITHM": "none"}, start=(API,)), "broken")
    with pytest.raises(
        WaitTimeoutError, match=r"(?s)roadmap-api ended with exit code 78.*JWT_ALGORITHM is invalid"
    ):
        stack.start()
    assert stack.run.id not in alive()
    assert not stack.run.data.exists()
