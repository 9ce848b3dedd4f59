"""One process of a stack, as what it is a part of sees it: real ones, under a real supervisor."""

import signal

import psutil
import pytest

from harness.base.wait import eventually
from harness.nodes.process import SupervisorError

POOL = """
    import subprocess, sys, threading, time
    program = "import threading, time; threading.Thread(target=time.sleep, args=(60,)).start(); print('up', flush=True); time.sleep(60)"
    lonely = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
    workers = [subprocess.Popen([sys.executable, "-S", "-c", program]) for _ in range(2)]
    while True:
        time.sleep(0.01)
        for worker in workers:
            worker.poll()
"""


@pytest.fixture
def pool(spawn, tmp_path):
    process = spawn(POOL)
    eventually(
        lambda: (tmp_path / "node.log").read_text().count("up") == 2, timeout=10, what="both pool children"
    )
    return process


def test_one_child_of_a_pool_is_killed_and_nobody_else(pool):
    before = {child.pid for child in psutil.Process(pool.pid).children()}
    killed = pool.kill_child()
    eventually(lambda: not psutil.pid_exists(killed), timeout=5, what="its end")
    assert {child.pid for child in psutil.Process(pool.pid).children()} == before - {killed}
    assert pool.alive


PLAIN_POOL = """
    import subprocess, sys
    tracker = "import time; time.sleep(60)  # as multiprocessing.resource_tracker"
    others = [subprocess.Popen([sys.executable, "-S", "-c", program]) for program in ("import time; time.sleep(60)", tracker)]
    print("up", flush=True)
    for other in others:
        other.wait()
"""


def test_a_child_of_a_plain_pool_has_one_thread_as_what_tracks_resources_has(spawn, tmp_path):
    process = spawn(PLAIN_POOL)
    eventually(lambda: "up" in (tmp_path / "node.log").read_text(), timeout=10, what="both children")
    worker, tracker = psutil.Process(process.pid).children()
    eventually(lambda: "tracker" in str(tracker.cmdline()), timeout=5, what="the command of what tracks")
    assert process.kill_child() == worker.pid
    worker.wait(5)
    assert tracker.is_running()
    with pytest.raises(LookupError, match="no pool child"):
        process.kill_child()


def test_a_process_without_a_pool_has_no_child_to_kill(spawn):
    with pytest.raises(LookupError, match="no pool child"):
        spawn("import time; time.sleep(60)").kill_child()


def test_it_is_frozen_when_all_of_it_is(pool):
    assert not pool.frozen
    pool.signal(signal.SIGSTOP)
    assert not pool.frozen  # its children are not
    pool.pause()
    eventually(lambda: pool.frozen, timeout=5, what="all of it frozen")
    pool.resume()
    eventually(lambda: not pool.frozen, timeout=5, what="all of it going on")


def test_it_is_frozen_though_one_of_it_has_ended_that_nobody_has_asked_after(spawn):
    """As a backend of PostgreSQL that loses its client while the postmaster stands still."""
    process = spawn("import os, time; os.fork() or os._exit(0); time.sleep(60)")
    eventually(
        lambda: [child.status() for child in psutil.Process(process.pid).children()] == ["zombie"],
        timeout=10,
        what="an end",
    )
    process.pause()
    eventually(lambda: process.frozen, timeout=5, what="all of it frozen")


def test_what_it_uses_is_that_of_all_its_processes(pool):
    use = pool.use()
    assert use.descriptors >= 3 * 4
    assert use.memory_bytes > 4 << 20


def test_nobody_is_signalled_in_place_of_a_process_that_has_ended(spawn):
    ended = spawn("pass")
    ended.wait(10)
    for group in (False, True):
        with pytest.raises(SupervisorError, match="No such process"):
            ended.signal(signal.SIGTERM, group=group)


def test_a_wait_that_is_too_short_names_the_process(spawn):
    with pytest.raises(TimeoutError, match="node"):
        spawn("import time; time.sleep(60)").wait(0)
