"""Forked from the warm process, everything is as if it had been started anew."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest

from harness.base.wait import eventually
from harness.nodes.fork_server_client import ForkServerClient
from harness.nodes.process import SupervisorError
from harness.nodes.supervisor_client import SupervisorClient
from harness.stack.stack import Stack
from harness.substrates.spec import StackSpec
from harness.tests.nodes.test_supervisor import lives
from harness.tests.shop import PROJECT, shop

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        sys.platform != "linux", reason="only Linux lets a process adopt what it did not start"
    ),
]
REVEAL = Path(__file__).with_name("reveal.py")


@pytest.fixture(scope="module")
def warm():
    with ForkServerClient(shop.libraries, shop.read_at_import) as parent:
        yield parent


@pytest.fixture
def forking(warm, tmp_path):
    with warm.supervisor(tmp_path / "supervisor.log") as supervisor:
        yield supervisor
    assert (tmp_path / "supervisor.log").read_text() == ""


def run(supervisor: SupervisorClient, folder: Path, *argv: str | Path, **options) -> tuple[int, str]:
    log = folder / f"{os.urandom(4).hex()}.log"
    code = supervisor.spawn("program", [sys.executable, *argv], log=log, cwd=folder, **options).wait(20)
    return code, log.read_text()


@pytest.fixture
def in_the_background():
    """As a shell without job control starts what it does not wait for: SIGQUIT is ignored, by us and by what we start."""
    before = signal.signal(signal.SIGQUIT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGQUIT, before)


@pytest.mark.usefixtures("in_the_background")
@pytest.mark.parametrize("argument", ["once", "again"])
def test_a_forked_program_finds_what_a_spawned_one_finds(forking, tmp_path, argument):
    environment = {"PATH": os.environ["PATH"], "TZ": "Asia/Tokyo", "EMPTY": ""}
    found = {}
    with SupervisorClient.start(tmp_path / "spawning.log") as spawning:
        for name, supervisor in (("spawned", spawning), ("forked", forking)):
            (tmp_path / name).mkdir()
            code, text = run(supervisor, tmp_path, REVEAL, argument, env=environment)
            assert code == 0, text
            found[name] = json.loads(text)
            found[name]["descriptors"].pop("1"), found[name]["descriptors"].pop("2")
    assert found["forked"] == found["spawned"]
    assert found["spawned"]["environment"]["TZ"] == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("program", "code", "said"),
    [
        ("print('done')", 0, "done"),
        ("import sys; sys.exit(78)", 78, ""),
        ("import sys; sys.exit('a reason')", 1, "a reason"),
        ("raise ValueError('broken')", 1, "ValueError: broken"),
        ("import atexit; atexit.register(print, 'at exit')", 0, "at exit"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM, ""),
        (
            "import threading, time; threading.Thread(target=lambda: (time.sleep(.1), print('thread'))).start()",
            0,
            "thread",
        ),
    ],
)
def test_it_ends_as_a_spawned_one_ends(forking, tmp_path, program, code, said):
    script = tmp_path / "program.py"
    script.write_text(program)
    ended, text = run(forking, tmp_path, script)
    assert (ended, said in text) == (code, True), text


def test_another_program_is_started_as_ever(forking, tmp_path):
    process = forking.spawn("echo", ["/bin/echo", "hello"], log=tmp_path / "echo.log")
    assert process.wait(10) == 0
    assert (tmp_path / "echo.log").read_text() == "hello\n"


def test_what_is_forked_becomes_nothing_but_python(forking, tmp_path):
    script = tmp_path / "program.py"
    script.write_text("import os; os.execve('/bin/echo', ['echo'], {})")
    assert "only Python becomes Python" in run(forking, tmp_path, script)[1]


def processes(stack: Stack) -> dict[str, list[dict[str, int]]]:
    """Of each role: the main process, then the others in no order, each with the signals it catches, ignores and blocks."""
    found = {}
    for name in stack.environments:
        if name in stack.nodes:
            main = psutil.Process(stack.node(name).pid)
            # The resource tracker is multiprocessing's, for the processes that it spawns.
            children = [
                child
                for child in main.children(recursive=True)
                if "resource_tracker" not in " ".join(child.cmdline())
            ]
            found[name] = [signals(main.pid), *sorted((signals(child.pid) for child in children), key=str)]
    return found


def signals(pid: int) -> dict[str, int]:
    """The masks of proc(5), without the two signals that the C library keeps for its threads."""
    lines = (line.split() for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    masks = {words[0]: int(words[1], 16) for words in lines if words[0] in {"SigBlk:", "SigIgn:", "SigCgt:"}}
    return {name: mask & ~(0b11 << 31) for name, mask in masks.items()}


def test_a_forked_stack_has_the_processes_and_signals_of_a_spawned_one(warm):
    with Stack(StackSpec(), "spawned") as spawned, Stack(StackSpec(), "forked", fork_server=warm) as forked:
        eventually(
            lambda: processes(forked) == processes(spawned),
            timeout=10,
            what="the same processes",
            evidence=lambda: f"{processes(forked)} forked, {processes(spawned)} spawned",
        )
        supervisor = psutil.Process(forked.substrate.supervisor.pid)
        assert supervisor.ppid() == warm.pid
        roles = [
            psutil.Process(forked.node(name).pid) for name in forked.environments if name in forked.nodes
        ]
        assert {role.ppid() for role in roles} == {supervisor.pid}
        for name in ("web", "packer"):
            assert forked.node(name).stop() == spawned.node(name).stop()


def test_a_forked_program_that_is_told_to_end_at_once_ends(forking, tmp_path):
    (program := tmp_path / "program.py").write_text("import time; time.sleep(60)")
    for _ in range(100):  # the moment in which it still is its parent's image is short
        process = forking.spawn("program", [sys.executable, program], log=tmp_path / "log", cwd=tmp_path)
        process.signal(signal.SIGTERM)
        assert process.wait(5) == -signal.SIGTERM


def test_a_forked_stack_ends_with_its_owner():
    owner = """
        import time
        from harness.substrates.spec import StackSpec
        from harness.stack.stack import Stack
        from harness.nodes.fork_server_client import ForkServerClient
        from harness.tests.shop import shop
        warm = ForkServerClient(shop.libraries, {})
        stack = Stack(StackSpec(), "owned", fork_server=warm, app=shop)
        stack.start()
        print(warm.pid, stack.substrate.supervisor.pid, flush=True)
        time.sleep(60)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(owner)], stdout=subprocess.PIPE, text=True
    ) as popen:
        pids = [int(word) for word in popen.stdout.readline().split()]
        family = [member for pid in pids for member in psutil.Process(pid).children(recursive=True)]
        family += [psutil.Process(pid) for pid in pids]
        popen.kill()
    eventually(lambda: not any(map(lives, family)), timeout=5, what="the end of them all")


def test_a_warm_process_that_is_gone_says_so(tmp_path):
    warm = ForkServerClient((), {})
    os.kill(warm.pid, signal.SIGKILL)
    with pytest.raises(SupervisorError, match="the warm process is gone"):
        warm.supervisor(tmp_path / "supervisor.log")
    warm.close()


def test_a_warm_process_that_cannot_start_says_why():
    with pytest.raises(SupervisorError, match="no_such_library"):
        ForkServerClient(("no_such_library",), {})


def test_the_libraries_are_all_that_the_roles_import_and_nothing_of_the_applications_own():
    """In a new interpreter, for this one has imported everything."""
    program = """
        import importlib, json, sys
        from harness.nodes.fork_server import import_libraries
        libraries, roles = json.loads(sys.argv[1])
        import_libraries(libraries)
        assert not [name for name in sys.modules if name.partition(".")[0] == "shop"]
        before = set(sys.modules)
        for name in roles:
            importlib.import_module(name)
        new = {name for name in set(sys.modules) - before if name.partition(".")[0] not in sys.stdlib_module_names}
        print(*sorted(name for name in new if name.partition(".")[0] != "shop"))
    """
    done = subprocess.run(
        [
            *(sys.executable, "-c", textwrap.dedent(program)),
            json.dumps([shop.libraries, ["shop.web", "shop.packer"]]),
        ],
        env={**os.environ, "SHOP_BROKER": "redis://e", "SHOP_DATABASE": "postgresql://a:b@c/d"},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip(), done.stderr) == ("", "")
