"""The parent of every process of a stack, so that none outlives its owner.

A program of its own, standard library only: the owner (a test run, the CLI) may be killed at any moment, even by SIGKILL,
and uvicorn's and Celery's children survive their parents. The supervisor gets its orders over a socket; when the socket closes,
or on SIGTERM, it ends all processes that it has started and all their descendants. Once detached it lives on without an owner,
until a new one connects to a unix socket or SIGTERM ends it.

Requests and answers are JSON lines. A request has `id` and `do`: spawn, signal, detach, members, finish_with, stop; its
answer has the same `id`. A message without an `id` says that a process has ended: `exited` and `code`.
"""

import contextlib
import ctypes
import errno
import json
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.nodes.process_tree import POLL_SECONDS, family, freeze, ours, send

GENTLE_SECONDS = 2.0  # for processes that have another stop signal than SIGKILL
LAST_SECONDS = 60.0
PR_SET_CHILD_SUBREAPER = 36  # prctl(2), Linux: orphans of our children become ours instead of init's


class Supervisor:
    """Serves one owner.

    Args:
        control: the socket to the owner.
        folders: removed at the end.
    """

    def __init__(self, control: socket.socket, folders: list[str]) -> None:
        self._control: socket.socket | None = control
        self._door: socket.socket | None = None
        self._folders = folders
        self._last: dict[str, Any] = {}  # program to run when all else has ended, as arguments of subprocess
        self._received = b""
        self._popens: dict[int, subprocess.Popen[bytes]] = {}
        self._names: dict[int, str] = {}  # of our children, by pid
        self._stop_signals: dict[int, int] = {}
        self._selector = selectors.DefaultSelector()
        self._ending = False

    def run(self) -> None:
        """Serve until told to stop, or until the owner is gone; then end everything."""
        wake, woken = socket.socketpair()
        for end in (wake, woken):
            end.setblocking(False)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        # A shell makes background programs ignore it, and their children inherit that.
        signal.signal(signal.SIGQUIT, signal.SIG_DFL)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        with self._selector as selector:
            selector.register(woken, selectors.EVENT_READ, lambda: woken.recv(4096))
            self._obey(self._control)
            try:
                while not self._ending:
                    for key, _ in selector.select():
                        key.data()
                    self._reap()
            finally:  # after any error of ours, no process may stay behind
                self._end_all()

    def _on_signal(self, *_: object) -> None:
        self._ending = True

    def _obey(self, owner: socket.socket | None) -> None:
        """Listen to this owner from now on; None for nobody."""
        if self._control is not None and self._control is not owner:
            self._selector.unregister(self._control)
            self._control.close()
        self._control, self._received = owner, b""
        if owner is not None:
            self._selector.register(owner, selectors.EVENT_READ, self._on_control)

    def _on_control(self) -> None:
        assert self._control is not None
        try:
            chunk = self._control.recv(65536)
        except ConnectionResetError:  # the owner was killed before it had read our last message
            chunk = b""
        if not chunk:
            self._ending |= self._door is None  # a signal may already have stopped us
            self._obey(None)
            return
        *lines, self._received = (self._received + chunk).split(b"\n")
        for line in lines:
            self._serve(json.loads(line))

    def _on_door(self, door: socket.socket) -> None:
        """Accept a new owner; there is only one at a time."""
        come, _ = door.accept()
        if self._control is None:
            self._obey(come)
        else:
            come.close()

    def _serve(self, request: dict[str, Any]) -> None:
        verbs: dict[str, Callable[..., dict[str, Any]]] = {
            "spawn": self._spawn,
            "signal": self._signal,
            "detach": self._detach,
            "members": self._members,
            "finish_with": self._finish_with,
            "stop": self._stop,
        }
        number, verb = request.pop("id"), verbs[request.pop("do")]
        try:
            answer = verb(**request)
        except (OSError, ValueError) as error:  # ValueError: a null byte among the words
            answer = {"error": str(error)}
        self._tell({"id": number, **answer})

    def _tell(self, message: dict[str, Any]) -> None:
        if self._control is None:
            return
        with contextlib.suppress(OSError):  # an owner that is gone needs no answer
            self._control.sendall(json.dumps(message).encode() + b"\n")

    def _spawn(
        self,
        name: str,
        argv: list[str],
        env: dict[str, str],
        cwd: str,
        log: str,
        user: str | None,
        group: int | None,
        stop_signal: int,
    ) -> dict[str, Any]:
        identity: dict[str, Any] = {"user": user, "group": group, "extra_groups": []} if user else {}
        with Path(log).open("ab") as output:
            pid = self.launch(argv, env, cwd, output.fileno(), identity)
        self._names[pid] = name
        self._stop_signals[pid] = stop_signal
        return {"pid": pid}

    def launch(
        self, argv: list[str], env: dict[str, str], cwd: str, output: int, identity: dict[str, Any]
    ) -> int:
        """Start a program in a session of its own.

        Args:
            argv: program and arguments.
            env: the whole environment.
            cwd: its folder.
            output: descriptor of what it writes to.
            identity: user and groups, as subprocess has them; ours by default.

        Returns:
            Its pid.
        """
        child = subprocess.Popen(
            argv,
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            **identity,
        )
        self._popens[child.pid] = child
        return child.pid

    def _signal(self, pid: int, number: int, *, group: bool) -> dict[str, Any]:
        if group:
            self._signal_family(pid, number)
        elif pid in self._names:
            os.kill(pid, number)
        else:  # another process may have the number by now
            raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH))
        return {}

    def _signal_family(self, leader: int, number: int) -> None:
        """Signal a group and its descendants; after SIGKILL, return when all of them are gone."""
        if sys.platform != "linux":
            os.killpg(leader, number)
            return
        if number == signal.SIGKILL:
            freeze(leader)
        reached: set[int] = set()
        while members := family(leader) - reached:  # again, for processes that were forked meanwhile
            for pid in members:
                send(os.kill, pid, number)
            reached |= members
        if not reached:
            raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH))
        deadline = time.monotonic() + GENTLE_SECONDS
        while number == signal.SIGKILL and reached & ours() and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
            self._reap()

    def _detach(self, door: str) -> dict[str, Any]:
        """Live on without this owner, and accept a new one on a unix socket that only our user may use."""
        if self._door is None:
            self._door = listening = socket.socket(socket.AF_UNIX)
            before = os.umask(0o177)
            try:
                listening.bind(door)
            finally:
                os.umask(before)
            listening.listen()
            self._selector.register(listening, selectors.EVENT_READ, lambda: self._on_door(listening))
        return {"pid": os.getpid()}

    def _members(self) -> dict[str, Any]:
        """The pids of running processes by name; the newest where several have one name."""
        return {"members": {name: pid for pid, name in self._names.items()}, "pid": os.getpid()}

    def _finish_with(self, argv: list[str], cwd: str, log: str) -> dict[str, Any]:
        """Set a program that runs when all else has ended, to end the things that live elsewhere."""
        self._last = {"args": argv, "cwd": cwd, "log": log} if argv else {}
        return {}

    def _stop(self) -> dict[str, Any]:
        self._end_all()
        self._ending = True
        return {}

    def _reap(self) -> None:
        """Note all ended processes, adopted orphans included."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            code = os.waitstatus_to_exitcode(status)
            if pid in self._popens:
                self._popens.pop(pid).returncode = code  # else Popen would wait for it again
            if self._names.pop(pid, None):
                self._tell({"exited": pid, "code": code})

    def _end_all(self) -> None:
        gentle = {pid for pid in self._names if self._stop_signals[pid] != signal.SIGKILL}
        for pid in set(self._names) - gentle:
            send(os.killpg, pid, signal.SIGKILL)
        for pid in gentle:
            send(os.kill, pid, self._stop_signals[pid])
            for member in family(pid) or {pid}:  # a frozen process would not get the signal
                send(os.kill, member, signal.SIGCONT)
        deadline = time.monotonic() + GENTLE_SECONDS
        while gentle & set(self._names) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
            self._reap()
        for pid in list(self._names):
            send(os.killpg, pid, signal.SIGKILL)
        while left := ours() | set(self._names):
            for pid in left:
                send(os.kill, pid, signal.SIGKILL)
            time.sleep(POLL_SECONDS)
            self._reap()
        self._run_last()
        for folder in self._folders:
            shutil.rmtree(folder, ignore_errors=True)

    def _run_last(self) -> None:
        last, self._last = self._last, {}
        if not last:
            return
        with (
            Path(last.pop("log")).open("ab") as output,
            contextlib.suppress(OSError, subprocess.SubprocessError),
        ):
            subprocess.run(
                **last,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                timeout=LAST_SECONDS,
                check=False,
            )


def adopt_orphans() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def main() -> None:
    """Arguments: the number of the inherited socket, then the folders to remove at the end."""
    descriptor, *folders = sys.argv[1:]
    adopt_orphans()
    Supervisor(socket.socket(fileno=int(descriptor)), folders).run()


if __name__ == "__main__":
    main()
