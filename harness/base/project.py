"""The project that the harness works on: its folder, and the application that its pyproject.toml names."""

import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parents[2]  # the folder that holds this very package: a checkout, or site-packages
FILE = "pyproject.toml"
TABLE = "harness"  # of [tool]


def settings(folder: Path) -> dict[str, Any] | None:
    """`[tool.harness]` of a folder's pyproject.toml; None where there is none.

    Args:
        folder: of a project.

    Raises:
        ValueError: the file is no TOML, or `tool.harness` no table.
    """
    try:
        found = tomllib.loads((folder / FILE).read_text(encoding="utf-8"))
    except OSError:
        return None
    tool = found.get("tool")
    table: Any = tool.get(TABLE) if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ValueError(f"[tool.{TABLE}] is no table")
    return table


def _speaks_of_us(folder: Path) -> bool:
    try:
        return settings(folder) is not None
    except ValueError:  # the file may name an application; a later reader reports that it cannot be read
        return True


@cache
def root() -> Path:
    """The project's folder: the nearest one from the working folder upwards whose pyproject.toml has `[tool.harness]`.

    Without one, it is our own checkout where we run from one, else the working folder.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        if _speaks_of_us(folder):
            return folder
    return SOURCE if settings(SOURCE) is not None else here


def import_root() -> None:
    """Make the project's own modules importable, as `python -m` does."""
    folder = str(root())
    if folder not in sys.path:
        sys.path.insert(0, folder)
