"""The owner's side of the supervisor: it starts processes, which all end with us."""

import contextlib
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Self

from harness.base.project import SOURCE
from harness.nodes.process import Process, SupervisorError

ANSWER_SECONDS = 10.0


class SupervisorClient:
    """A supervisor process of one stack. Safe to use from several threads.

    Args:
        control: the socket to it.
        pid: of it.
        reap: notes its end, if it is our child.
    """

    def __init__(self, control: socket.socket, pid: int, reap: Callable[[], object] = lambda: None) -> None:
        self.pid = pid
        self._reap = reap
        self.members: dict[str, Process] = {}
        self._socket = control
        self._ids = itertools.count()
        self._lock = threading.Lock()
        self._answers: dict[int, Future[dict[str, Any]]] = {}
        self._processes: dict[int, Process] = {}
        self._early: dict[int, int] = {}
        self.detached = False  # detached or taken over: it lives on when we leave
        self._listener = threading.Thread(target=self._listen, name="supervisor", daemon=True)
        self._listener.start()

    @classmethod
    def start(cls, log: Path, remove: Sequence[Path] = ()) -> Self:
        """Start a new supervisor, which we own.

        Args:
            log: where it would complain.
            remove: folders that go with the stack, even if the owner is killed.
        """
        ours, theirs = socket.socketpair()
        with theirs, log.open("ab") as errors:
            descriptor = theirs.fileno()
            popen = subprocess.Popen(
                # Without site-packages and the caller's environment, it starts in a few milliseconds, and always.
                [
                    sys.executable,
                    "-S",
                    "-E",
                    "-m",
                    "harness.nodes.supervisor",
                    str(descriptor),
                    *map(str, remove),
                ],
                cwd=SOURCE,
                pass_fds=[descriptor],
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                start_new_session=True,
            )
        return cls(ours, popen.pid, popen.wait)

    @classmethod
    def attach(cls, door: Path) -> Self:
        """Take over a detached supervisor, with its `members` by name; it lives on when we leave.

        Args:
            door: the door that it got when it was detached.

        Raises:
            SupervisorError: it is gone, or somebody else has taken it over.
        """
        control = socket.socket(socket.AF_UNIX)
        try:
            control.connect(str(door))
        except OSError as error:
            control.close()
            raise SupervisorError(f"no supervisor answers at {door}: {error}") from error
        made = cls(control, 0)
        made.detached = True
        try:
            answer = made.ask("members")
        except SupervisorError:
            made.stop()
            raise SupervisorError(f"the supervisor at {door} obeys somebody else") from None
        made.pid = answer["pid"]
        for name, pid in answer["members"].items():
            made.members[name] = made._follow(name, pid)
        return made

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def spawn(
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        user: str | None = None,
        stop_signal: int = signal.SIGKILL,
    ) -> Process:
        """Start a process in a session of its own.

        Args:
            name: for messages.
            argv: program and arguments.
            log: file to which its output is appended.
            env: the whole environment; ours by default.
            cwd: ours by default.
            user: user to run as, with the group of the same name or the user's own; our user by default.
            stop_signal: signal that ends it when the stack ends; SIGKILL goes to the whole group.

        Raises:
            SupervisorError: it could not be started.
        """
        answer = self.ask(
            "spawn",
            name=name,
            argv=[str(word) for word in argv],
            env=dict(os.environ if env is None else env),
            cwd=str(cwd or Path.cwd()),
            log=str(log),
            user=user,
            group=_group(user),
            stop_signal=int(stop_signal),
        )
        return self._follow(name, answer["pid"])

    def _follow(self, name: str, pid: int) -> Process:
        process = Process(self.ask, name, pid)
        with self._lock:
            self._processes[pid] = process
            code = self._early.pop(pid, None)
        if code is not None:
            process.ended(code)
        return process

    def finish_with(self, argv: Sequence[str | Path], *, log: Path, cwd: Path) -> None:
        """Run a program when the stack has ended, for things that the supervisor itself cannot end.

        Args:
            argv: program and arguments; empty for no program.
            log: file to which its output is appended.
            cwd: its folder.
        """
        self.ask("finish_with", argv=[str(word) for word in argv], log=str(log), cwd=str(cwd))

    def detach(self, door: Path) -> int:
        """Let the stack live on when we are gone.

        Args:
            door: path of the unix socket by which it can be taken over; a short path.

        Returns:
            The supervisor's pid; SIGTERM to it ends the stack.
        """
        pid: int = self.ask("detach", door=str(door))["pid"]
        self.detached = True
        return pid

    def stop(self) -> None:
        """End every process and remove the folders. Does nothing to a detached stack, or twice."""
        if self._listener.is_alive() and not self.detached:
            self.ask("stop")
            self._listener.join(ANSWER_SECONDS)  # the socket is closed when all is done
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the listening thread; a close alone would not
        self._socket.close()
        if not self.detached:
            self._reap()

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Send a request and wait for its answer.

        Raises:
            SupervisorError: the request was refused, or nobody answers.
        """
        future: Future[dict[str, Any]] = Future()
        with self._lock:
            number = next(self._ids)
            self._answers[number] = future
            try:
                self._socket.sendall(json.dumps({"id": number, "do": do, **arguments}).encode() + b"\n")
            except OSError as error:
                raise SupervisorError(f"the supervisor (pid {self.pid}) is gone: {error}") from error
        try:
            answer = future.result(ANSWER_SECONDS)
        except TimeoutError:
            raise SupervisorError(f"the supervisor (pid {self.pid}) does not answer to {do}") from None
        if "error" in answer:
            raise SupervisorError(f"{do}: {answer['error']}")
        return answer

    def _listen(self) -> None:
        with self._socket.makefile("rb") as stream:
            try:
                for line in stream:
                    self._hear(json.loads(line))
            except (OSError, ValueError):
                pass  # closed by us, or cut off in the middle of a line: in both cases nobody answers any more
        with self._lock:
            for future in self._answers.values():
                future.set_result({"error": f"the supervisor (pid {self.pid}) is gone"})
            self._answers.clear()
            for process in self._processes.values():
                process.ended(None)
            self._processes.clear()

    def _hear(self, message: dict[str, Any]) -> None:
        with self._lock:
            if "exited" not in message:
                self._answers.pop(message["id"]).set_result(message)
                return
            process = self._processes.pop(message["exited"], None)
            if process is None:  # it ended before we got its pid
                self._early[message["exited"]] = message["code"]
        if process is not None:
            process.ended(message["code"])


def _group(user: str | None) -> int | None:
    if user is None:
        return None
    import pwd  # not available everywhere, and needed only by root

    return pwd.getpwnam(user).pw_gid
