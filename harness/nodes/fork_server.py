"""A process that has imported the third-party libraries, from which whole stacks are forked in a fraction of the time.

Each stack gets a supervisor, forked from here, that forks the stack's Python programs instead of starting new interpreters; in
all other ways it works like any supervisor. The application and its settings are never imported here: a role reads its
environment as in a new interpreter. No thread may run here, because only the thread that forks lives on in the child.

It is a program of its own. It gets a request over a socket for each supervisor: the folders to remove, with the descriptors of
its own socket and of its log. The answer is its pid.
"""

import atexit
import contextlib
import gc
import importlib
import json
import multiprocessing.context
import os
import runpy
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

from harness.nodes.supervisor import Supervisor, adopt_orphans

# Variables that the interpreter sets itself where no locale is set (PEP 538).
COERCED = {name: value for name, value in os.environ.items() if name == "LC_CTYPE"}
OUR_PACKAGE = (__package__ or "").partition(".")[0]


class _Executed(BaseException):
    """A program becomes another one, by exec."""

    def __init__(self, argv: list[str], env: dict[str, str]) -> None:
        super().__init__(argv)
        self.argv = argv
        self.env = env


class WarmSupervisor(Supervisor):
    """Forks Python programs; starts other programs as any supervisor does."""

    def launch(
        self, argv: list[str], env: dict[str, str], cwd: str, output: int, identity: dict[str, Any]
    ) -> int:
        """See Supervisor.launch."""
        if argv[0] != sys.executable or identity:
            return super().launch(argv, env, cwd, output, identity)
        with _signals_held():
            pid = os.fork()
            if pid == 0:
                _run(argv, env, cwd, output)
        return pid


def _run(argv: list[str], env: dict[str, str], cwd: str, output: int) -> NoReturn:
    """Behave like a new interpreter in the child, also at its end."""
    code = 1
    try:
        os.setsid()
        _forget_the_parent(output)
        os.chdir(cwd)
        code = _interpret(argv, env)
        _finish()
    finally:
        os._exit(code)  # in any case: the child must never return into the supervisor's frames


def _finish() -> None:
    """Do what an interpreter does at its end: wait for its threads, run exit handlers, flush."""
    threading._shutdown()  # type: ignore[attr-defined] # noqa: SLF001
    atexit._run_exitfuncs()  # noqa: SLF001
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()


def _forget_the_parent(output: int) -> None:
    silence = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((silence, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    reset_signals()
    for name in [name for name in sys.modules if name.partition(".")[0] == OUR_PACKAGE]:
        del sys.modules[name]


@contextlib.contextmanager
def _signals_held() -> Iterator[None]:
    """Block signals around a fork: the child still has our handlers, which would swallow a signal to it. `reset_signals` unblocks them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def reset_signals() -> None:
    """Set signals as in a new interpreter."""
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _interpret(argv: list[str], env: dict[str, str]) -> int:
    """Run `python ...` in this process, and each Python program that it becomes; return the exit code."""
    while True:
        os.environ.clear()
        os.environ.update(COERCED if not env.keys() & {"LC_ALL", "LC_CTYPE", "LANG"} else {})
        os.environ.update(env)
        time.tzset()
        setattr(os, "execve", _execve)  # noqa: B010 - an assignment would be of another type
        try:
            _run_main(argv[1:])
        except _Executed as executed:
            argv, env = executed.argv, executed.env
            reset_signals()
        except SystemExit as end:
            return _exit_code(end)
        except BaseException:  # noqa: BLE001 - as an interpreter does
            traceback.print_exc()
            return 1
        else:
            return 0


def _execve(path: str, argv: list[str], env: dict[str, str]) -> NoReturn:
    if path != sys.executable:
        raise NotImplementedError(f"only Python becomes Python in a forked process, not {path}")
    raise _Executed(argv, dict(env))


def _run_main(words: list[str]) -> None:
    """Run the arguments as the interpreter does: options, then `-m module` or a script."""
    while words[0] in {"-S", "-E"}:  # these options would only have saved time
        words = words[1:]
    if words[0] == "-m":
        sys.argv = words[1:]
        sys.path[0] = str(Path.cwd())
        runpy.run_module(words[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = words
        sys.path[0] = str(Path(words[0]).parent)
        runpy.run_path(words[0], run_name="__main__")


def _exit_code(end: SystemExit) -> int:
    if end.code is None or isinstance(end.code, int):
        return end.code or 0
    print(end.code, file=sys.stderr)  # noqa: T201 - as the interpreter does
    return 1


class _Worker(multiprocessing.context.ForkProcess):
    """A worker process of uvicorn, forked instead of spawned."""

    def start(self) -> None:
        with _signals_held():
            super().start()

    def run(self) -> None:
        reset_signals()
        super().run()


def _worker(target: Any, kwargs: dict[str, Any]) -> _Worker:
    """Import the application once for all workers: it reads its settings when it is made, in each worker."""
    importlib.import_module(kwargs["config"].app.partition(":")[0])
    return _Worker(target=target, kwargs=kwargs)


def import_libraries(libraries: Sequence[str]) -> None:
    """Import the libraries; if uvicorn is among them, it forks its workers from now on.

    Args:
        libraries: modules.

    Raises:
        RuntimeError: one of them has started a thread.
    """
    for name in libraries:
        importlib.import_module(name)
    if "uvicorn" in sys.modules:
        import uvicorn._subprocess

        uvicorn._subprocess.spawn = SimpleNamespace(Process=_worker)  # type: ignore[assignment] # noqa: SLF001 - it has no setting
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads != 1:
        raise RuntimeError(
            f"the libraries have started {threads - 1} threads: nothing can be forked from here"
        )


def main() -> None:
    """Serve until the owner is gone. Arguments: the number of the inherited socket, and the modules to import."""
    control = socket.socket(fileno=int(sys.argv[1]))
    import_libraries(sys.argv[2:])
    gc.collect()
    gc.freeze()  # the garbage collector would write to every object, and so copy its page in every child
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the owner of a supervisor waits for its end, not we
    control.sendall(b"warm\n")
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 65536, 2)
        if not message:
            return
        theirs, log = descriptors
        pid = os.fork()
        if pid == 0:
            control.close()
            _supervise(theirs, log, json.loads(message)["remove"])
        for descriptor in descriptors:
            os.close(descriptor)
        control.sendall(json.dumps({"pid": pid}).encode() + b"\n")


def _supervise(control: int, log: int, folders: list[str]) -> NoReturn:
    os.setsid()
    for target in (1, 2):
        os.dup2(log, target)
    os.close(log)
    reset_signals()
    adopt_orphans()
    WarmSupervisor(socket.socket(fileno=control), folders).run()
    os._exit(0)


if __name__ == "__main__":
    main()
