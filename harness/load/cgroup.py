"""The control group of a role (in a container its own): its peak of memory, and how often it was throttled.

The kernel has two layouts (cgroups(7)): version 2 with one tree, version 1 with a tree for each controller.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

PROC = Path("/proc")
MOUNTED = Path("/sys/fs/cgroup")
PEAKS = ("memory.peak", "memory.max_usage_in_bytes")  # of version 2, of version 1


@dataclass(frozen=True, slots=True)
class Cgroup:
    """One process's groups.

    Args:
        folders: controller -> its folder; version 2 has one for all, named ''.
        own: whether it belongs to the process alone; on the host it is ours, too.
    """

    folders: Mapping[str, Path]
    own: bool

    @classmethod
    def of(cls, pid: int, proc: Path = PROC, mounted: Path = MOUNTED) -> Self | None:
        """Of a process.

        Args:
            pid: of this machine.
            proc: folder of the processes, such as `/proc`.
            mounted: folder of the groups.

        Returns:
            None where it has ended, or the system has no groups.
        """
        found, ours = _memberships(proc / str(pid) / "cgroup"), _memberships(proc / "self" / "cgroup")
        if not found:
            return None
        folders = {
            controller: mounted / controllers / path.lstrip("/")
            for controllers, path in found.items()
            for controller in controllers.split(",")
        }
        return cls(folders, own=found != ours)

    def memory_peak(self) -> int | None:
        """Bytes; None where they are not counted, or where ours are counted with them."""
        for name in PEAKS if self.own else ():
            text = self._read("memory", name)
            if text:
                return int(text)
        return None

    def throttled(self) -> float | None:
        """The share of periods in which its quota was used up; None without a quota."""
        fields = dict(line.split()[:2] for line in self._read("cpu", "cpu.stat").splitlines())
        periods = int(fields.get("nr_periods", 0))
        return int(fields["nr_throttled"]) / periods if periods else None

    def _read(self, controller: str, name: str) -> str:
        for folder in (self.folders.get(controller), self.folders.get("")):
            if folder is not None and (folder / name).exists():
                return (folder / name).read_text()
        return ""


def _memberships(path: Path) -> dict[str, str]:
    """Controllers, separated by commas -> path of the group; '' stands for version 2."""
    if not path.exists():
        return {}
    found = (line.split(":", 2) for line in path.read_text().splitlines())
    return {controllers: group for _, controllers, group in found}
