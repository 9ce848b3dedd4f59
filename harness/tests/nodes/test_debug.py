"""A debugger gets into each process that does the work, and into none that forks or becomes another program."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from harness.base.wait import eventually
from harness.cli import app
from harness.nodes.debug import debugged, doors
from harness.tests.debugger import Debugger

PROGRAM = """
import multiprocessing, os, socket, subprocess, sys, time

def work(number):
    return number + 1

def many():
    while True:
        work(1)
        time.sleep(0.05)

def main(way):
    if way == "becomes another":
        os.execv(sys.executable, [sys.executable, __file__, "plain"])
    if way == "forks":
        if child := os.fork():
            os.waitpid(child, 0)
            return
    if way == "spawns":
        child = multiprocessing.get_context("spawn").Process(target=many)
        child.start()
        child.join()
        return
    if way == "listens":
        server = socket.create_server(("127.0.0.1", 0))
    if way == "runs a program first":
        subprocess.run([sys.executable, "-c", "pass"], check=True)
    many()

if __name__ == "__main__":
    main(sys.argv[1])
"""
LINE = 5  # of what work() does


@pytest.fixture
def started(tmp_path, socket_enabled):
    running = []

    def start(way, program=sys.executable, **more):
        path = tmp_path / "program.py"
        path.write_text(PROGRAM)
        folder = tmp_path / "debug"
        environment = debugged({**os.environ, **more}, folder, [str(path), "becomes another"])
        running.append(subprocess.Popen([program, path, way], env=environment, start_new_session=True))
        return path, folder

    yield start
    for process in running:
        os.killpg(process.pid, 9)
        process.wait()


@pytest.mark.parametrize(
    "way", ["plain", "forks", "spawns", "listens", "becomes another", "runs a program first"]
)
def test_a_breakpoint_is_hit_in_the_process_that_works(started, way):
    path, folder = started(way)
    found = eventually(lambda: [door for door in doors(folder) if door.port], timeout=40, what="a door")
    with Debugger(found[-1].port) as debugger:
        debugger.stop_at(path, LINE)
        frame = debugger.wait()
    assert (Path(frame["source"]["path"]).name, frame["line"], frame["name"]) == (path.name, LINE, "work")


@pytest.mark.parametrize(
    ("words", "solo"),
    [
        (["celery.py", "-A", "shop", "worker", "--pool", "prefork"], True),
        (["celery_command.py", "worker"], True),
        (["celery.py", "-A", "shop", "beat"], False),
        (["celery.py", "-A", "worker", "beat"], False),
        (["celery.py", "--app", "worker", "--quiet", "worker"], True),
        (["celery.py", "--app=worker", "flower"], False),
        (["celery.py", "-A", "shop"], False),
        (["worker.py", "worker"], False),
        (["manage.py", "celery_queues", "--of", "shop"], False),
    ],
)
def test_a_celery_worker_is_made_to_work_in_its_own_process(tmp_path, words, solo):
    program = tmp_path / words[0]
    program.write_text("import sys; print(*sys.argv[1:])")
    environment = debugged(os.environ, tmp_path / "debug", [])
    done = subprocess.run(
        [sys.executable, program, *words[1:]], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [*words[1:], *(["--pool", "solo"] if solo else [])]


def test_who_has_no_debugpy_goes_on_and_says_so(started, tmp_path):
    (tmp_path / "debugpy.py").write_text("raise ImportError")
    _, folder = started("listens", PYTHONPATH=str(tmp_path))
    (door,) = eventually(lambda: doors(folder), timeout=40, what="a word of it")
    assert "not installed" in str(door)
    assert not door.port


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--debug", "nobody"], "there is no role 'nobody'"),
        (["--debug", "web", "--substrate", "embedded"], "may reach only what is declared"),
        (["--debug", "web", "--substrate", "image"], "--substrate may be"),
    ],
)
def test_what_cannot_be_debugged_is_refused_before_anything_starts(words, said):
    done = CliRunner().invoke(app, ["up", *words])
    assert done.exit_code == 2
    assert said in done.output
