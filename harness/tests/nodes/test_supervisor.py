"""The supervisor is tried as it is used: real processes, a real SIGKILL of its owner."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest

from harness.base.wait import always, eventually
from harness.nodes.process import SupervisorError
from harness.nodes.supervisor_client import SupervisorClient


@pytest.fixture
def supervisor(tmp_path):
    with SupervisorClient.start(tmp_path / "supervisor.log") as started:
        yield started
    assert (tmp_path / "supervisor.log").read_text() == ""


def test_output_environment_and_exit_code(spawn, tmp_path):
    ended = spawn(
        "import os, sys; print(os.environ['A'], os.getcwd()); sys.exit(3)", env={"A": "b"}, cwd=tmp_path
    )
    assert ended.wait(10) == 3
    assert (tmp_path / "node.log").read_text() == f"b {tmp_path}\n"


def test_the_log_goes_on_after_a_restart(spawn, tmp_path):
    for word in ("first", "second"):
        spawn(f"print('{word}')").wait(10)
    assert (tmp_path / "node.log").read_text() == "first\nsecond\n"


def test_a_signal_ends_it_and_is_told(spawn):
    process = spawn("import time; time.sleep(60)")
    assert process.alive
    process.signal(signal.SIGTERM)
    assert process.wait(10) == -signal.SIGTERM
    assert not process.alive


def test_what_cannot_be_started_says_so(supervisor, tmp_path):
    with pytest.raises(SupervisorError, match="No such file"):
        supervisor.spawn("node", ["/no/such/program"], log=tmp_path / "node.log")


def test_what_cannot_be_said_to_the_kernel_is_refused(spawn):
    with pytest.raises(SupervisorError, match="null byte"):
        spawn("pass", env={"A": "\0"})
    assert spawn("pass").wait(10) == 0


def test_a_supervisor_that_is_gone_says_so(supervisor, spawn):
    running = spawn("import time; time.sleep(1)")
    os.kill(supervisor.pid, signal.SIGKILL)
    ended = {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD}
    eventually(
        lambda: psutil.Process(supervisor.pid).status() in ended, timeout=5, what="its end", poll=0.001
    )
    with pytest.raises(SupervisorError, match="gone"):
        spawn("pass")
    with pytest.raises(SupervisorError, match="nobody knows"):
        running.wait(5)


# A stubborn family: the child ignores SIGTERM and has a child in another session that does so too.
FAMILY = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
open(f"{sys.argv[1]}/{os.getpid()}", "w").close()
time.sleep(120)
"""
OWNER = """
import sys, time
from pathlib import Path
from harness.nodes.supervisor_client import SupervisorClient
folder = Path(sys.argv[1])
data = folder / "data"
data.mkdir()
supervisor = SupervisorClient.start(folder / "supervisor.log", remove=[data])
supervisor.spawn("family", [sys.executable, "-S", "-c", sys.argv[2], folder / "pids"], log=folder / "family.log")
print(supervisor.detach(folder / "door") if sys.argv[3] == "detached" else supervisor.pid, flush=True)
time.sleep(120)
"""


def family(folder: Path) -> list[psutil.Process]:
    pids = [int(entry.name) for entry in (folder / "pids").iterdir()]
    return [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)] if len(pids) == 2 else []


def lives(process: psutil.Process) -> bool:
    """A zombie does not: it waits for whatever adopted it, which is not ours to hurry."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def owner(tmp_path):
    (tmp_path / "pids").mkdir()
    started = []

    def start(mode: str) -> tuple[subprocess.Popen[str], int, list[psutil.Process]]:
        argv = [sys.executable, "-c", OWNER, tmp_path, FAMILY, mode]
        popen = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        started.append(popen)
        pid = int(popen.stdout.readline())
        return popen, pid, eventually(lambda: family(tmp_path), timeout=10, what="the family")

    yield start
    for popen in started:
        popen.kill()
        popen.wait()
        popen.stdout.close()


@pytest.fixture
def members(spawn, tmp_path):
    """Of a family whose parent is the first; it leaves a file a member."""
    (tmp_path / "pids").mkdir()
    process = spawn(f"import sys; sys.argv.append({str(tmp_path / 'pids')!r}){FAMILY}")
    found = eventually(lambda: family(tmp_path), timeout=10, what="the family")
    return process, sorted(found, key=lambda member: member.pid != process.pid)


def test_a_group_is_frozen_with_what_has_left_it_for_another_session(members):
    process, everybody = members
    process.signal(signal.SIGSTOP, group=True)
    eventually(
        lambda: [member.status() for member in everybody] == ["stopped"] * 2, timeout=5, what="a freeze"
    )
    process.signal(signal.SIGCONT, group=True)
    eventually(lambda: "stopped" not in [member.status() for member in everybody], timeout=5, what="a thaw")


def test_a_group_that_is_killed_is_gone_when_the_answer_comes(members):
    process, everybody = members
    process.signal(signal.SIGKILL, group=True)
    assert not any(map(lives, everybody))
    assert process.wait(5) == -signal.SIGKILL


FORKING = """
    import os, sys, time
    while True:
        pid = os.fork()
        if pid == 0:
            os.setsid()
            time.sleep(60)
        print(pid, flush=True)
        time.sleep(0.001)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only the group is reached")
def test_nothing_of_it_that_is_born_while_it_is_killed_lives_on(spawn, tmp_path):
    """As PostgreSQL, which forks a backend for each client, and each leaves its group."""
    log = tmp_path / "node.log"
    for _ in range(20):
        log.write_text("")
        process = spawn(FORKING)
        eventually(lambda: len(log.read_text().split()) > 5, timeout=10, what="its children", poll=0.002)
        process.kill()
        living = psutil.process_iter(["cmdline"])
        assert not [
            one.pid for one in living if (one.info["cmdline"] or [])[-1:] == [textwrap.dedent(FORKING)]
        ]


def test_a_signal_to_the_main_process_leaves_the_others_alone(members):
    process, (_, other) = members
    process.signal(signal.SIGKILL)
    assert process.wait(5) == -signal.SIGKILL
    assert lives(other)


def test_one_that_is_frozen_still_ends_kindly(supervisor, spawn, tmp_path):
    process = spawn(
        """
        import signal, sys, time
        signal.signal(signal.SIGQUIT, lambda *_: sys.exit(open("kindly", "w").close()))
        open("ready", "w").close()
        time.sleep(60)
        """,
        cwd=tmp_path,
        stop_signal=signal.SIGQUIT,
    )
    eventually((tmp_path / "ready").exists, timeout=10, what="its handler", poll=0.005)
    process.signal(signal.SIGSTOP, group=True)
    supervisor.stop()
    assert (tmp_path / "kindly").exists()


def test_nothing_outlives_an_owner_that_is_killed_before_it_has_read_the_news(owner):
    popen, supervisor_pid, members = owner("attached")
    everybody = [*members, psutil.Process(supervisor_pid)]
    popen.send_signal(signal.SIGSTOP)  # reads nothing any more
    main = next(member for member in members if member.ppid() == supervisor_pid)
    main.kill()
    eventually(lambda: not lives(main), timeout=5, what="its end", poll=0.005)
    popen.kill()
    eventually(lambda: not any(map(lives, everybody)), timeout=5, what="the end of them all")


def test_nothing_outlives_an_owner_that_is_killed(owner, tmp_path):
    popen, supervisor_pid, members = owner("attached")
    everybody = [*members, psutil.Process(supervisor_pid)]
    popen.kill()
    eventually(lambda: not any(map(lives, everybody)), timeout=5, what="the end of them all")
    assert not (tmp_path / "data").exists()


def test_a_detached_stack_outlives_its_owner_until_it_is_told_to_end(owner, tmp_path):
    popen, supervisor_pid, members = owner("detached")
    popen.kill()
    popen.wait()
    supervisor = psutil.Process(supervisor_pid)
    always(lambda: all(map(lives, [*members, supervisor])), during=0.5, what="it lives")
    assert (tmp_path / "data").exists()
    supervisor.terminate()
    everybody = [*members, supervisor]
    eventually(lambda: not any(map(lives, everybody)), timeout=5, what="the end of them all")
    assert not (tmp_path / "data").exists()


def test_an_owner_that_goes_does_not_make_it_forget_that_it_was_told_to_end(owner):
    popen, supervisor_pid, members = owner("detached")
    supervisor = psutil.Process(supervisor_pid)
    supervisor.suspend()  # so that it learns of both at once
    popen.kill()
    popen.wait()
    supervisor.terminate()
    supervisor.resume()
    everybody = [*members, supervisor]
    eventually(lambda: not any(map(lives, everybody)), timeout=5, what="the end of them all")


def test_one_that_was_detached_can_be_taken_over_with_what_it_runs(owner, tmp_path):
    popen, supervisor_pid, members = owner("detached")
    popen.kill()
    popen.wait()
    assert (tmp_path / "door").stat().st_mode & 0o777 == 0o600
    with SupervisorClient.attach(tmp_path / "door") as first:
        assert first.pid == supervisor_pid
        family = first.members["family"]
        assert family.pid in {member.pid for member in members}
        with pytest.raises(SupervisorError, match="obeys somebody else"):
            SupervisorClient.attach(tmp_path / "door")
        family.signal(signal.SIGKILL, group=True)
        assert family.wait(5) == -signal.SIGKILL
        first.spawn("another", [sys.executable, "-S", "-c", "input()"], log=tmp_path / "another.log").wait(5)
    supervisor = psutil.Process(supervisor_pid)
    assert lives(supervisor)
    again = eventually(lambda: SupervisorClient.attach(tmp_path / "door"), timeout=5, what="the next owner")
    assert again.members == {}
    again.stop()
    always(lambda: lives(supervisor), during=0.5, what="it lives")
    supervisor.terminate()
    eventually(lambda: not lives(supervisor), timeout=5, what="its end")
    with pytest.raises(SupervisorError, match="no supervisor answers"):
        SupervisorClient.attach(tmp_path / "door")
