"""Lets a debugger into the processes of a role: see sitecustomize.py."""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PATH = "PYTHONPATH"
PROGRAM = Path(__file__).with_name("sitecustomize.py")
FIRST_PORT = 5678  # debugpy's own


def folder_of(data: Path, role: str) -> Path:
    """The folder in which the processes of a role write the port for a debugger.

    Args:
        data: of the run.
        role: its name.
    """
    return data / "debug" / role


@dataclass(frozen=True, slots=True)
class Door:
    """The port of a process for a debugger, or the reason why there is none.

    Args:
        pid: of the process.
        program: the first words of its command.
        port: on loopback; 0 for none.
        error: why there is no port.
    """

    pid: int
    program: str
    port: int = 0
    error: str = ""

    def __str__(self) -> str:
        where = f"127.0.0.1:{self.port}" if self.port else self.error
        return f"{where} (pid {self.pid}, {self.program})"


def debugged(environment: Mapping[str, str], folder: Path, becomes_another: Sequence[str]) -> dict[str, str]:
    """Variables that make debugpy listen in each working process of a Python program.

    Args:
        environment: of the program.
        folder: for the module that it imports first and for the notes of its processes; it is made again.
        becomes_another: a program that only becomes another one by exec, as the arguments of its interpreter.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copyfile(PROGRAM, folder / PROGRAM.name)
    path = os.pathsep.join(part for part in (str(folder), environment.get(PATH, "")) if part)
    return {
        **environment,
        PATH: path,
        "HARNESS_DEBUG_PORT": str(FIRST_PORT),
        "HARNESS_DEBUG_FOLDER": str(folder),
        "HARNESS_DEBUG_NOT": json.dumps([*becomes_another]),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # else it warns of frozen modules, which the application cannot change
    }


def doors(folder: Path) -> list[Door]:
    """The doors that are open by now."""
    return [Door(**json.loads(path.read_text(encoding="utf-8"))) for path in sorted(folder.glob("*.json"))]
