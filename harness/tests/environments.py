"""Environments that have what others would install, and nothing else.

What is depended on is that of our own environment, which is at the versions of constraints.txt. Only what is not there is fetched,
where a test asks for it.
"""

import subprocess
import sys
import tomllib
import venv
from collections.abc import Sequence
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

from harness.base.project import SOURCE

# Plugins of our own environment that a test's project does not use: they are half of what a start of pytest costs.
NEEDLESS = (
    "schemathesis",
    "hypothesispytest",
    "respx",
    "valkey",
    "locust",
    "pytest_httpx2",
    "anyio",
    "asyncio",
)
LEAN = " ".join(f"-p no:{name}" for name in NEEDLESS)

PROJECT = tomllib.loads((SOURCE / "pyproject.toml").read_text())


def wheel_in(folder: Path) -> Path:
    """The wheel of the harness, built there.

    Args:
        folder: for it.
    """
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder]
    subprocess.run(command, cwd=SOURCE, capture_output=True, check=True)
    (built,) = folder.glob("*.whl")
    return built


def environment_in(folder: Path, requirements: list[str], *wheels: Path, fetched: Sequence[str] = ()) -> Path:
    """A new environment.

    Args:
        folder: for it.
        requirements: that it has, and all that these depend on.
        wheels: that are installed beside.
        fetched: what is installed from the package index, for our own environment has it not.
    """
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    for needed in closure(requirements):
        for name in {
            file.parts[0] for file in needed.files or () if file.parts[0] not in ("..", "__pycache__")
        }:
            if not (packages / name).exists():
                (packages / name).symlink_to(needed.locate_file(name))
    pip = [sys.executable, "-m", "pip", "--python", folder / "bin/python", "--disable-pip-version-check"]
    for wheel in wheels:
        subprocess.run([*pip, "install", "--quiet", "--no-index", "--no-deps", wheel], check=True)
    if fetched:
        pinned = ["--constraint", SOURCE / "constraints.txt"]
        subprocess.run([*pip, "install", "--quiet", *pinned, *fetched], check=True)
    return folder


def closure(requirements: list[str]) -> list[Distribution]:
    """Distributions that these need, and theirs, in our own environment."""
    found: dict[tuple[str, frozenset[str]], Distribution] = {}
    left = [Requirement(text) for text in requirements]
    while left:
        wanted = left.pop()
        key = wanted.name.lower(), frozenset(wanted.extras)
        if key in found:
            continue
        found[key] = distribution(wanted.name)
        for text in found[key].requires or ():
            further = Requirement(text)
            if further.marker is None or any(
                further.marker.evaluate({"extra": extra}) for extra in ("", *wanted.extras)
            ):
                left.append(further)
    return list(found.values())
