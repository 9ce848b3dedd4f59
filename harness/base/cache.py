"""Makes expensive things once: folders that appear whole or not at all, even if two processes make them at the same time."""

import fcntl
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOWHERE = Path("/nonexistent")  # as Debian has it


def home() -> Path:
    """The user's home folder; for a user without one, such as a bare number in a container, a folder that does not exist."""
    try:
        return Path.home()
    except (RuntimeError, KeyError):
        return NOWHERE


def cache_folder() -> Path:
    """The folder in which expensive things are kept between runs; readable by the unprivileged user where we are root."""
    if os.geteuid() == 0:
        return Path("/var/cache/celery-harness")
    chosen = "" if sys.platform == "darwin" else os.environ.get("XDG_CACHE_HOME")
    if chosen:
        return Path(chosen) / "celery-harness"
    if home() == NOWHERE:
        return Path(tempfile.gettempdir()) / f"celery-harness-{os.geteuid()}"
    return home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "celery-harness"


@contextmanager
def exclusively(path: Path) -> Iterator[None]:
    """Hold the lock that goes with a cached folder; another process waits for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def fresh_folder(path: Path) -> Iterator[Path]:
    """A folder to fill, which takes its name only when it is complete.

    Args:
        path: its name in the end; must not exist.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    try:
        yield unfinished
        unfinished.rename(path)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def make_readable(folder: Path) -> None:
    """Let every user read and enter what is in the folder, as `chmod -R a+rX` does."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o444 | (0o111 if path.is_dir() or mode & 0o100 else 0))
