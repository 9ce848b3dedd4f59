"""The line of the declaration in which a mistake stands."""

import inspect
import re
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from harness.application.error import DeclarationError, near

QUOTED = re.compile(r"=(?:'([^']*)'|\"([^\"]*)\")")
UNKNOWN = re.compile(r"got an unexpected keyword argument '(\w+)'")


def placed(error: DeclarationError | TypeError, root: Path, module: str = "") -> DeclarationError:
    """The same mistake, with the line where it was made.

    Args:
        error: as it was raised; a TypeError means a call with wrong arguments.
        root: the project's folder.
        module: the one that declares. Where the error was not raised from it, the line is the one with the text that the message
            quotes.

    Raises:
        TypeError: the mistake is not in the declaration, but in code that it calls.
    """
    if module:
        path = root / (module.replace(".", "/") + ".py")
        number = _line_of(path, str(error))
        return DeclarationError(
            f"{_shown(path, root)}:{number}: {error}" if number else f"{_shown(path, root)}: {error}"
        )
    frames = [*traceback.walk_tb(error.__traceback__)]
    ours = [(frame, line) for frame, line in frames if Path(frame.f_code.co_filename).is_relative_to(root)]
    if not ours:
        return DeclarationError(str(error))
    frame, line = ours[-1]
    if isinstance(error, TypeError):
        if frames[-1][0] is not frame:
            raise error
        return DeclarationError(
            f"{_shown(Path(frame.f_code.co_filename), root)}:{line}: {_said(error, frame)}"
        )
    return DeclarationError(f"{_shown(Path(frame.f_code.co_filename), root)}:{line}: {error}")


def _shown(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def _line_of(path: Path, said: str) -> int:
    """The line with the text that the message quotes; 0 where none is found."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    for match in QUOTED.finditer(said):
        text = match[1] or match[2]
        for number, line in enumerate(lines, 1):
            if text and text in line:
                return number
    return 0


def _said(error: TypeError, frame: FrameType) -> str:
    """Python's message about a wrong call, with the argument that may have been meant."""
    said = str(error)
    if not (unknown := UNKNOWN.search(said)):
        return said
    called = said.partition("(")[0].split(".")
    found: Any = _named(called[0], frame)
    for name in called[1:]:
        found = getattr(found, name, None)
    if not isinstance(found, Callable):  # type: ignore[arg-type]
        return said
    known = [name for name in inspect.signature(found).parameters if name not in {"self", "args", "kwargs"}]
    return f"{said}; {near(unknown[1], known)}"


def _named(name: str, frame: FrameType) -> Any:
    """What a name means in the declaration, or the class that an object there is of."""
    values = [*frame.f_globals.values()]
    for value in values:
        if getattr(value, "__name__", "") == name:
            return value
    for value in values:
        for kind in type(value).__mro__:
            if kind.__name__ == name:
                return kind
    return None
