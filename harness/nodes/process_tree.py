"""Finds and signals all processes that belong to one that a supervisor has started; used inside the supervisor.

Standard library only, as the supervisor is.
"""

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
FREEZE_SECONDS = 2.0
POLL_SECONDS = 0.01
STOPPED = "tT"  # proc(5): stopped by a signal, or by a tracer


class Relations(NamedTuple):
    """Parent, group and state of a process, from proc(5)."""

    parent: int
    group: int
    state: str


def living() -> dict[int, Relations]:
    """Every process that is not a zombie, from /proc; on other systems than Linux there are only process groups."""
    found: dict[int, Relations] = {}
    # Not glob(): it checks each file, and raises the kernel's error for a process that has just ended.
    for folder in PROC.iterdir() if PROC.is_dir() else ():
        if not folder.name.isdecimal():
            continue
        with contextlib.suppress(OSError):
            # pid (comm) state ppid pgrp ...; comm may hold anything, so count from its closing parenthesis (proc(5))
            state, parent, group = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
            if state != "Z":
                found[int(folder.name)] = Relations(int(parent), int(group), state)
    return found


def ours() -> set[int]:
    """All our descendants, adopted orphans included."""
    return _descendants({os.getpid()}, living())


def family(leader: int, among: dict[int, Relations] | None = None) -> set[int]:
    """A group of ours with all its descendants: each of PostgreSQL's backends has a group of its own.

    Args:
        leader: pid of the group's leader.
        among: processes to search; all live ones by default.
    """
    among = living() if among is None else among
    group = {pid for pid in _descendants({os.getpid()}, among) if among[pid].group == leader}
    return group | _descendants(group, among)


def freeze(leader: int) -> None:
    """Stop a family before it is killed: else a child that is forked meanwhile and leaves the group would live on.

    Args:
        leader: pid of who leads the group.
    """
    stopping: set[int] = set()
    deadline = time.monotonic() + FREEZE_SECONDS
    while time.monotonic() < deadline:
        now = living()
        members = family(leader, now)
        if members <= stopping:
            if all(now[pid].state in STOPPED for pid in members):
                return
            time.sleep(POLL_SECONDS)
        for pid in members - stopping:
            send(os.kill, pid, signal.SIGSTOP)
        stopping |= members


def send(kill: Callable[[int, int], None], pid: int, number: int) -> None:
    """Send a signal to a process that may have ended.

    Args:
        kill: os.kill, or os.killpg.
        pid: of the process, or of the group.
        number: of the signal.
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):
        kill(pid, number)


def _descendants(ancestors: set[int], among: dict[int, Relations]) -> set[int]:
    found: set[int] = set()
    newest = ancestors
    while newest:
        newest = {pid for pid, relations in among.items() if relations.parent in newest} - found
        found |= newest
    return found
