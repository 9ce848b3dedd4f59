"""How a scenario that failed is shown: what its checks say, three lines of its own, and not the harness it went through."""

import linecache
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

AROUND = 1  # lines before and behind the one that failed
MARK = "E   "  # pytest's own, in front of what is wrong
PROGRAMS = (
    Path(__file__).parents[1],  # the harness
    *(Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")),
)


def show_failure(
    error: pytest.ExceptionInfo[BaseException], scenario: Path, violated: Sequence[str], more: Sequence[str]
) -> Any:
    """What pytest prints in place of a traceback.

    Args:
        error: that ended the scenario's body.
        scenario: its file.
        violated: what the checks say that did not hold, a sentence each.
        more: where the rest of it is to be found.

    Returns:
        As `ExceptionInfo.getrepr` does; None where no frame is the scenario's own, so that all are wanted.
    """
    frames = [entry for entry in error.traceback if _own(Path(entry.path), scenario)]
    if not frames:
        return None
    wanted = {id(entry.frame.raw) for entry in (frames[0], frames[-1])}
    shown = error.getrepr(
        style="short",
        chain=False,
        tbfilter=lambda info: info.traceback.filter(lambda entry: id(entry.frame.raw) in wanted),
    )
    entries: Any = shown.reprtraceback.reprentries
    for entry, frame in zip(entries, dict.fromkeys((frames[0], frames[-1])), strict=False):
        entry.lines = _lines(Path(frame.path), frame.lineno + 1)
    said = [*violated, *error.exconly(tryshort=True).splitlines()]
    entries[-1].lines += [f"{MARK}{line}" for line in said] + [f"{MARK}{line}" for line in more]
    return shown


def _own(path: Path, scenario: Path) -> bool:
    """Whether it is the scenario's file, or a helper beside it that is no part of any program."""
    return path == scenario or not any(path.is_relative_to(program) for program in PROGRAMS)


def _lines(path: Path, number: int) -> list[str]:
    """Some lines of a file, the one that failed marked."""
    found = []
    for place in range(max(1, number - AROUND), number + AROUND + 1):
        text = linecache.getline(str(path), place).rstrip("\n")
        found.append(f"{'>' if place == number else ' '}   {text}")
    return found
