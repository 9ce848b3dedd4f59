"""The guide's third problem: a worker that uses too much memory, and the settings that help."""

import psutil
import pytest

from harness import eventually
from scenarios.pools import children
from scenarios.roadmaps.services import API, CONTENT, LOGS

pytestmark = pytest.mark.e2e
WITHOUT_CONTENT = pytest.mark.stack(start=(API, LOGS))


def recycled(system, **limit):
    """Write two roadmaps on a content worker with one child; returns its processes before and after."""
    system.deploy(CONTENT, CELERY_CONTENT_CONCURRENCY="1", **limit)
    system.stack.wait_until_ready([CONTENT])
    ada = system.api.sign_up()
    before = children(system, "content")
    for topic in ("Rust", "Go"):
        assert ada.create_roadmap(topic).wait_until_ended()["status"] == "completed"
    eventually(
        lambda: (now := children(system, "content")) and not now & before,
        timeout=20,
        what="another child",
        evidence=lambda: f"{before} before, {children(system, 'content')} now",
    )


@WITHOUT_CONTENT
def test_a_child_gives_way_after_so_many_tasks_and_loses_none(system):
    """CELERY_MAX_TASKS_PER_CHILD: after so many tasks a child gives way to a new one, and no task is lost."""
    recycled(system, CELERY_MAX_TASKS_PER_CHILD="1")


@WITHOUT_CONTENT
def test_a_child_gives_way_that_has_grown_too_large_and_loses_none(system):
    """CELERY_MAX_MEMORY_PER_CHILD_KB: a child that has grown beyond it gives way after its task, and no task is lost."""
    recycled(system, CELERY_MAX_MEMORY_PER_CHILD_KB="1000")


@pytest.mark.needs("pids")
@pytest.mark.stack(start=())
def test_a_smaller_concurrency_uses_less_memory(system):
    """CELERY_CONTENT_CONCURRENCY=1 uses less memory than 4."""
    used = {}
    system.node(API).start()
    for concurrency in ("4", "1"):
        system.deploy(CONTENT, CELERY_CONTENT_CONCURRENCY=concurrency)
        system.stack.wait_until_ready([API, CONTENT])
        worker = psutil.Process(system.node(CONTENT).pid)
        used[concurrency] = sum(
            process.memory_full_info().uss for process in (worker, *worker.children(recursive=True))
        )
        assert len(children(system, "content")) == int(concurrency)
        system.node(CONTENT).stop()
    assert used["1"] < used["4"]
    system.show("bytes of its own, concurrency 4 and 1", used)
