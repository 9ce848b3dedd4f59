"""How a failed scenario is shown: the findings of its checks and three of its own lines, without the harness's frames."""

import linecache
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

AROUND = 1  # lines before and after the failed one
MARK = "E   "  # pytest's mark before the lines of an error
PROGRAMS = (
    Path(__file__).parents[1],  # the harness
    *(Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")),
)


def show_failure(
    error: pytest.ExceptionInfo[BaseException], scenario: Path, violated: Sequence[str], more: Sequence[str]
) -> Any:
    """The text that pytest prints instead of a traceback.

    Args:
        error: that ended the scenario's body.
        scenario: its file.
        violated: a sentence for each check that did not hold.
        more: where to find the rest.

    Returns:
        A value like that of `ExceptionInfo.getrepr`; None where no frame is the scenario's own, so that all frames are needed.
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
    """Whether it is the scenario's file, or a helper beside it that is not part of a program."""
    return path == scenario or not any(path.is_relative_to(program) for program in PROGRAMS)


def _lines(path: Path, number: int) -> list[str]:
    """Some lines of a file, with the failed line marked."""
    found = []
    for place in range(max(1, number - AROUND), number + AROUND + 1):
        text = linecache.getline(str(path), place).rstrip("\n")
        found.append(f"{'>' if place == number else ' '}   {text}")
    return found
