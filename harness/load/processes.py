"""What lives of each role on this machine, and what it uses."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import psutil

from harness.base.wait import eventually
from harness.load.declaration import LoadTest
from harness.load.record import LiveRole, Row
from harness.stack.stack import Stack

TRACKER = "resource_tracker"  # a child of uvicorn with more than one worker, which serves nothing
INSPECT_SECONDS = 3.0
ASK_SECONDS = 20.0


def nodes(stack: Stack) -> dict[str, str]:
    """Kind of role -> node, of the roles that run."""
    return {
        stack.app.roles[name].kind: name
        for name, node in stack.roles.items()
        if name in stack.app.roles and node.alive
    }


def pids(stack: Stack) -> dict[str, int]:
    """Kind of role -> main process, of the roles that run."""
    return {role: stack.node(name).pid for role, name in nodes(stack).items()}


def live(stack: Stack, test: LoadTest, row: Row) -> dict[str, LiveRole]:
    """What lives, counted by role: a web server's workers by their processes, pools by what the workers say of themselves.

    Args:
        stack: that runs.
        test: which variable holds the connections of a process.
        row: which role consumes which queues.
    """
    running = nodes(stack)
    consuming = {role: row.queues[role] for role in running if row.queues.get(role)}
    inspected = inspect(stack.servers.redis_url, consuming)
    found = {}
    for role, name in running.items():
        told = stack.environments[name].get(test.pool_variable)
        pool_size = int(told) if told else None
        if role in consuming:
            stats, queues = inspected[role]
            found[role] = LiveRole(
                processes=len(stats["pool"]["processes"]),
                queues=queues,
                prefetch=stats["prefetch_count"],
                pool_size=pool_size,
            )
        else:
            found[role] = LiveRole(processes=web_processes(stack.node(name).pid), pool_size=pool_size)
    return found


def web_processes(pid: int) -> int:
    """Of a web server, those that serve: with one worker it does so itself, with more its children do, except for one."""
    children = [" ".join(child.cmdline()) for child in psutil.Process(pid).children()]
    return sum(TRACKER not in line for line in children) or 1


def inspect(
    redis_url: str, consuming: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[dict[str, Any], tuple[str, ...]]]:
    """Role -> what its worker says of itself: statistics, and the queues it consumes.

    Args:
        redis_url: of the broker.
        consuming: role -> the queues by which its worker is known.

    Raises:
        TimeoutError: a worker does not answer; a single question may well get lost.
    """
    from celery import Celery

    wanted = consuming.keys()
    with Celery("harness.load", broker=redis_url, set_as_current=False) as celery:

        def asked() -> dict[str, tuple[dict[str, Any], tuple[str, ...]]] | None:
            control = celery.control.inspect(timeout=INSPECT_SECONDS, limit=len(wanted))
            queues, stats = control.active_queues() or {}, control.stats() or {}
            found: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {}
            for node in queues.keys() & stats.keys():
                names = tuple(sorted(queue["name"] for queue in queues[node]))
                role = next((r for r in wanted if set(consuming[r]) & set(names)), "")
                found[role] = (dict(stats[node]), names)
            return found if found.keys() >= wanted else None

        return eventually(asked, timeout=ASK_SECONDS, what=f"an answer of {', '.join(sorted(wanted))}")


def cpu_seconds(main: Mapping[str, int]) -> dict[str, float]:
    """Used so far by each role's processes, those included that have ended and were reaped."""
    return {role: sum(_cpu(process) for process in _tree(pid)) for role, pid in main.items()}


def memory(main: Mapping[str, int]) -> dict[str, int]:
    """Bytes of each role: PSS, which counts what processes share once; resident where a system knows no PSS.

    A sum of resident sets would count shared pages 1.6 to 1.85 times (facts).
    """
    return {role: sum(_pss(process) for process in _tree(pid)) for role, pid in main.items()}


def _tree(pid: int) -> Iterator[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        yield process
        yield from process.children(recursive=True)


def _cpu(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        children = getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
        return float(times.user + times.system + children)
    return 0.0


def _pss(process: psutil.Process) -> int:
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        info = process.memory_full_info()
        return int(getattr(info, "pss", 0) or info.rss)
    return 0
