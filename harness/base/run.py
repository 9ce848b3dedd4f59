"""The folders in which one stack keeps its files. Their names are unique, so that no other stack's files are ever touched."""

import contextlib
import itertools
import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from harness.base.project import root

ROOT = root()  # the project's
RUNS = ROOT / ".harness" / "runs"
ALIVE = "supervisor.pid"
ADDRESS = "stack.json"  # see harness.stack.address
DATA_PREFIX = "harness-"
KEPT = 1000  # runs of half a megabyte each; all of CI makes about 400, and each session must be there to be judged again
ENOUGH_MEMORY_BYTES = 512 * 1024 * 1024
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it


@dataclass(frozen=True, slots=True)
class Run:
    """One stack's folders.

    Args:
        id: date, time, label and a random part.
        folder: logs, journal and evidence; stays for reading.
        data: the servers' data; removed with the stack. Its path is short because unix sockets are made in it.
    """

    id: str
    folder: Path
    data: Path

    @classmethod
    def begin(cls, label: str = "stack") -> "Run":
        """Make the folders of a new run.

        Args:
            label: what it is for: letters, digits and hyphens.
        """
        token = secrets.token_hex(3)
        run_id = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{label}-{token}"
        folder = RUNS / run_id
        (folder / "logs").mkdir(parents=True)
        _forget_old()
        data = Path(tempfile.mkdtemp(prefix=f"{DATA_PREFIX}{token}-", dir=_roomy()))
        data.chmod(0o711)  # a server that runs as another user must reach its own folder inside
        return cls(run_id, folder, data)

    @property
    def token(self) -> str:
        """The random part of its id, for what needs a short name."""
        return self.id.rpartition("-")[2]

    def log(self, node: str) -> Path:
        return self.folder / "logs" / f"{node}.log"

    def remember(self, supervisor: int) -> None:
        """Write down that the run lives, and the pid of its supervisor."""
        note = self.folder / ALIVE
        written = note.with_suffix(".new")  # written first, then renamed, so that nobody reads half a file
        written.write_text(f"{supervisor} {psutil.Process(supervisor).create_time()}")
        written.replace(note)

    def forget(self) -> None:
        """Write down that it no longer lives."""
        forget(self.id)

    def unused(self, name: str) -> Path:
        """The path of a new file in the folder: this name, or the name with a number where it is taken."""
        path = self.folder / name
        numbers = itertools.count(2)
        while path.exists():
            path = self.folder / f"{Path(name).stem}-{next(numbers)}{Path(name).suffix}"
        return path


def alive() -> dict[str, int]:
    """The runs that live: id -> pid of the supervisor.

    A pid counts only together with the time at which its process started: another process may have it by now.
    """
    found = {}
    for note in RUNS.glob(f"*/{ALIVE}"):
        with contextlib.suppress(psutil.Error, FileNotFoundError):  # it was forgotten meanwhile
            pid, born = note.read_text().split()
            process = psutil.Process(int(pid))
            if process.create_time() == float(born) and process.status() != psutil.STATUS_ZOMBIE:
                found[note.parent.name] = int(pid)
    return found


def forget(run_id: str) -> None:
    """Remove the notes about a stack that no longer lives: its pid, its addresses, its secrets."""
    for name in (ALIVE, ADDRESS):
        (RUNS / run_id / name).unlink(missing_ok=True)


def _roomy() -> Path:
    """A folder in memory where there is enough of it (a container often has 64 MB), else the temporary folder."""
    if SHARED_MEMORY.is_dir() and os.access(SHARED_MEMORY, os.W_OK):
        found = os.statvfs(SHARED_MEMORY)
        if found.f_bavail * found.f_frsize >= ENOUGH_MEMORY_BYTES:
            return SHARED_MEMORY
    return Path(tempfile.gettempdir())


def _forget_old() -> None:
    """Remove the folders of old runs that no longer live."""
    runs = sorted(path for path in RUNS.iterdir() if path.is_dir())
    living = alive()
    for old in runs[:-KEPT]:
        if old.name not in living:
            shutil.rmtree(old, ignore_errors=True)
