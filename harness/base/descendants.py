"""A process with all that descend from it.

Linux lists the children of each thread, if its kernel was built so (CONFIG_PROC_CHILDREN, see proc(5)): that takes a hundredth of the
time in which psutil looks at every process of the machine. Either look may miss a process that begins or ends meanwhile.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

LISTS = Path("/proc/thread-self/children").exists()


def with_descendants(pid: int) -> list[psutil.Process]:
    """The process and its descendants; one that has just ended may be missing.

    Args:
        pid: of the process.

    Raises:
        psutil.NoSuchProcess: it has ended.
    """
    leader = psutil.Process(pid)
    return [leader, *(_descendants(pid) if LISTS else leader.children(recursive=True))]


def _descendants(pid: int) -> Iterator[psutil.Process]:
    for child in _children(pid):
        with suppress(psutil.NoSuchProcess):
            yield psutil.Process(child)
        yield from _descendants(child)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):
                found += map(int, (thread / "children").read_text(encoding="ascii").split())
    return found
