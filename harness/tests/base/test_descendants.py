"""A process's descendants, of every thread and every depth."""

import subprocess
import sys

import psutil
import pytest

from harness.base import descendants
from harness.base.descendants import with_descendants
from harness.base.wait import eventually

GRANDCHILD = "import time; time.sleep(60)"
CHILD = f"import subprocess, sys; subprocess.Popen([sys.executable, '-S', '-c', {GRANDCHILD!r}]).wait()"
LEADER = f"""
import subprocess, sys, threading
start = lambda: subprocess.Popen([sys.executable, "-S", "-c", {CHILD!r}]).wait()
threading.Thread(target=start).start()
start()
"""


@pytest.fixture
def leader():
    process = subprocess.Popen([sys.executable, "-S", "-c", LEADER], start_new_session=True)
    yield process
    for one in psutil.Process(process.pid).children(recursive=True):
        one.kill()
    process.kill()
    process.wait()


@pytest.mark.parametrize("lists", [descendants.LISTS, False], ids=["as here", "by psutil alone"])
def test_it_is_what_psutil_finds(leader, monkeypatch, lists):
    monkeypatch.setattr(descendants, "LISTS", lists)
    known = psutil.Process(leader.pid)
    eventually(
        lambda: len(known.children(recursive=True)) == 4, timeout=10, what="two children with a child each"
    )
    assert set(with_descendants(leader.pid)) == {known, *known.children(recursive=True)}


def test_of_one_that_has_ended_there_is_none(leader):
    ended = subprocess.Popen([sys.executable, "-S", "-c", "pass"])
    ended.wait()
    with pytest.raises(psutil.NoSuchProcess):
        with_descendants(ended.pid)
