"""Keeps the Python programs of an application from what its declaration does not name: see sitecustomize.py."""

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

PATH = "PYTHONPATH"
PROGRAM = Path(__file__).with_name("sitecustomize.py")
ALLOWED = "allowed.json"


def guarded(environment: Mapping[str, str], folder: Path, addresses: Iterable[str]) -> dict[str, str]:
    """Variables with which a Python program reaches these addresses alone, and sees no file of variables.

    Args:
        environment: of the program.
        folder: for what it imports first, made anew.
        addresses: `host:port` of all that it may reach.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(PROGRAM, folder / PROGRAM.name)
    pairs = [address.rpartition(":") for address in addresses]
    (folder / ALLOWED).write_text(
        json.dumps([[host, int(port)] for host, _, port in pairs]), encoding="utf-8"
    )
    path = os.pathsep.join(part for part in (str(folder), environment.get(PATH, "")) if part)
    return {**environment, PATH: path}
