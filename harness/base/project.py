"""The project that the harness works on: its folder, and the application that its pyproject.toml names."""

import sys
import tomllib
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).parents[2]  # the folder that holds this very package: a checkout, or site-packages
FILE = "pyproject.toml"
TABLE = "harness"  # of [tool]


def settings(folder: Path) -> dict[str, str] | None:
    """`[tool.harness]` of a folder's pyproject.toml; None where there is none.

    Args:
        folder: of a project.
    """
    try:
        found = tomllib.loads((folder / FILE).read_text(encoding="utf-8"))
    except OSError:
        return None
    table: dict[str, str] | None = found.get("tool", {}).get(TABLE)
    return table


@cache
def root() -> Path:
    """The project's folder: the nearest one from the working folder upwards whose pyproject.toml speaks of us.

    Else our own checkout, where we run from one; else the working folder.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        if settings(folder) is not None:
            return folder
    return SOURCE if settings(SOURCE) is not None else here


def import_root() -> None:
    """Let the project's own modules be imported, as `python -m` would."""
    folder = str(root())
    if folder not in sys.path:
        sys.path.insert(0, folder)
