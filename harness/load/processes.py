"""The processes of each role on this machine, and their resources."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import psutil

from harness.base.descendants import with_descendants
from harness.base.wait import eventually
from harness.load.declaration import LoadTest
from harness.load.record import LiveRole, Row
from harness.stack.stack import Stack

TRACKER = "resource_tracker"  # a child of uvicorn with several workers that serves no requests
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
    """Live processes by role: a web server's workers are counted as processes, pools by the workers' own answers.

    Args:
        stack: that runs.
        test: for the variable with the connections of a process.
        row: for the queues of each role.
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
    """The serving processes of a web server: with one worker the process itself, with several its children, except for one."""
    children = [" ".join(child.cmdline()) for child in psutil.Process(pid).children()]
    return sum(TRACKER not in line for line in children) or 1


def inspect(
    redis_url: str, consuming: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[dict[str, Any], tuple[str, ...]]]:
    """Role -> the worker's own answer: statistics, and the queues that it consumes.

    Args:
        redis_url: of the broker.
        consuming: role -> the queues by which its worker is known.

    Raises:
        TimeoutError: a worker does not answer, although it was asked several times.
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
    """CPU seconds that each role's processes have used, including those that have ended and were reaped."""
    return {role: sum(_cpu(process) for process in _tree(pid)) for role, pid in main.items()}


def memory(main: Mapping[str, int]) -> dict[str, int]:
    """Bytes of each role: PSS, which counts shared pages once; resident size where a system has no PSS.

    A sum of resident sets would count shared pages 1.6 to 1.85 times (facts).
    """
    return {role: sum(_pss(process) for process in _tree(pid)) for role, pid in main.items()}


def _tree(pid: int) -> Iterator[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        yield from with_descendants(pid)


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
