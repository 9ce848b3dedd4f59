"""Keeps an application's Python programs from addresses and files that its declaration does not name: see sitecustomize.py."""

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

PATH = "PYTHONPATH"
PROGRAM = Path(__file__).with_name("sitecustomize.py")
ALLOWED = "allowed.json"


def guarded(environment: Mapping[str, str], folder: Path, addresses: Iterable[str]) -> dict[str, str]:
    """Variables that let a Python program reach only these addresses, and hide files of variables from it.

    Args:
        environment: of the program.
        folder: for the module that it imports first; it is made again.
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
