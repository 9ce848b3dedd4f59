"""Makes debugpy listen in each working process. An interpreter imports this file before all else, if its folder is on PYTHONPATH.

Which process that is: a child of a pool, be it forked or spawned; else the process itself, once it listens for requests or a few seconds
have gone without a fork. Never a program that is about to become another one (exec), nor one that forks later on: debugpy survives neither.
A Celery worker is made to work in its own process (the pool `solo`), one task at a time: no task came back from a pool's child with debugpy in it.
Standard library only, of any Python from 3.8: it runs in the processes of an application, which may lack debugpy and then go on without.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from typing import Any

FIRST = int(os.environ["HARNESS_DEBUG_PORT"])
FOLDER = os.environ["HARNESS_DEBUG_FOLDER"]
BECOMES_ANOTHER = json.loads(os.environ.get("HARNESS_DEBUG_NOT", "[]"))
PORTS = 64
# Options that Celery takes before the name of its command, and whose next word is a value, such as a module that is called worker.
WITH_A_VALUE = {"-A", "--app", "-b", "--broker", "--result-backend", "--loader", "--config", "--workdir"}
QUIET_SECONDS, CHILD_SECONDS = 5.0, 1.0
INTERNET = {socket.AF_INET, socket.AF_INET6}

_state = {"listens": False, "forked": False, "own": False}


def listen() -> None:
    """Make debugpy listen at the first free port, and write the port down."""
    if _state["listens"] or _state["forked"]:
        return
    _state["listens"] = True
    try:
        import debugpy
    except ImportError:
        _tell({"error": f"debugpy is not installed for {sys.executable}"})
        return
    debugpy.configure(subProcess=False)
    for port in range(FIRST, FIRST + PORTS):
        if not _free(port):
            continue
        try:
            debugpy.listen(("127.0.0.1", port))
        except (RuntimeError, OSError):  # another process was faster
            continue
        _tell({"port": port})
        return
    _tell({"error": f"none of the ports {FIRST} to {FIRST + PORTS - 1} is free"})


def _free(port: int) -> bool:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _state["own"] = True
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
        finally:
            _state["own"] = False
        return True


def _tell(what: dict[str, Any]) -> None:
    path = os.path.join(FOLDER, f"{os.getpid()}.json")
    with open(f"{path}.part", "w", encoding="utf-8") as file:
        json.dump({"pid": os.getpid(), "program": " ".join(sys.orig_argv[1:4]), **what}, file)
    os.replace(f"{path}.part", path)


def _in_child() -> None:
    """Listen a little later: a child that was just forked is still being set up, and its pool waits for its first step."""
    _state.update(listens=False, forked=False)
    _later(CHILD_SECONDS)


def _later(seconds: float) -> None:
    timer = threading.Timer(seconds, listen)
    timer.daemon = True
    timer.start()


def _in_parent() -> None:
    _state["forked"] = True


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "socket.bind" or _state["listens"] or _state["own"]:
        return
    if arguments[0].family in INTERNET and arguments[0].type & socket.SOCK_STREAM:
        listen()


def _is_celery_worker(words: list[str]) -> bool:
    """Whether this is `celery ... worker ...`, under whatever name Celery's command has there."""
    place = next((number for number, word in enumerate(words) if "celery" in os.path.basename(word)), None)
    if place is None:
        return False
    rest = iter(words[place + 1 :])
    for word in rest:
        if word in WITH_A_VALUE:
            next(rest, "")
        elif not word.startswith("-"):
            return word == "worker"
    return False


def _begin() -> None:
    words = getattr(sys, "orig_argv", [])
    if BECOMES_ANOTHER and words[-len(BECOMES_ANOTHER) :] == BECOMES_ANOTHER:
        return
    if "--multiprocessing-fork" in words:
        listen()
        return
    if any("resource_tracker" in word or word.endswith(os.path.join("debugpy", "adapter")) for word in words):
        return  # neither of these processes does any of the work
    if _is_celery_worker(words):
        sys.argv += ["--pool", "solo"]  # the last one counts
    os.register_at_fork(after_in_child=_in_child, after_in_parent=_in_parent)
    sys.addaudithook(_heard)
    _later(QUIET_SECONDS)


_begin()
