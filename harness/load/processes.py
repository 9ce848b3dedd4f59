"""What lives of each role on this machine, and what it uses."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import psutil

from app.roles import ROLES
from harness.base.wait import eventually
from harness.load.record import LiveRole
from harness.stack.stack import Stack

TRACKER = "resource_tracker"  # a child of every uvicorn with more than one worker, which serves nothing
INSPECT_SECONDS = 3.0
ASK_SECONDS = 20.0


def pids(stack: Stack) -> dict[str, int]:
    """Role -> main process, of the roles that run."""
    services = stack.environments.items()
    return {
        env["SERVICE_TYPE"]: stack.node(name).pid
        for name, env in services
        if name not in stack.spec.omit and stack.node(name).alive
    }


def roles(stack: Stack) -> dict[str, LiveRole]:
    """What lives, counted by role: uvicorn's workers by their processes, pools by what the workers say of themselves."""
    inspected = inspect(stack.servers.redis_url, stack)
    found = {}
    for role, pid in pids(stack).items():
        told = next(env for env in stack.environments.values() if env["SERVICE_TYPE"] == role)
        pool_size = int(told["DATABASE_POOL_SIZE"]) if "DATABASE_POOL_SIZE" in told else None
        if ROLES[role].queues:
            stats, queues = inspected[role]
            found[role] = LiveRole(
                processes=len(stats["pool"]["processes"]),
                queues=queues,
                prefetch=stats["prefetch_count"],
                pool_size=pool_size,
            )
        else:
            found[role] = LiveRole(processes=api_processes(pid), pool_size=pool_size)
    return found


def api_processes(pid: int) -> int:
    """Of a uvicorn that serve: with one worker it does so itself, with more its children do, except for one."""
    children = [" ".join(child.cmdline()) for child in psutil.Process(pid).children()]
    return sum(TRACKER not in line for line in children) or 1


def inspect(redis_url: str, stack: Stack) -> dict[str, tuple[dict[str, Any], tuple[str, ...]]]:
    """Role -> what its worker says of itself: statistics, and the queues it consumes.

    Raises:
        TimeoutError: a worker does not answer; a single question may well get lost.
    """
    from celery import Celery

    wanted = {role for role in pids(stack) if ROLES[role].queues}
    with Celery("loadtests", broker=redis_url, set_as_current=False) as celery:

        def asked() -> dict[str, tuple[dict[str, Any], tuple[str, ...]]] | None:
            control = celery.control.inspect(timeout=INSPECT_SECONDS, limit=len(wanted))
            queues, stats = control.active_queues() or {}, control.stats() or {}
            found: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {}
            for node in queues.keys() & stats.keys():
                names = tuple(sorted(queue["name"] for queue in queues[node]))
                role = next((r for r in wanted if set(ROLES[r].queues) & set(names)), "")
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
