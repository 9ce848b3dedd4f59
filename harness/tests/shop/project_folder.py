"""The shop as a project of its own: a copy of it in a folder, and the commands that are typed there."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from harness.base import pace
from harness.tests.shop import PROJECT

HARNESS = Path(sys.executable).with_name("harness")
COMMAND_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class ProjectFolder:
    """A copy.

    Args:
        path: of it.
    """

    path: Path

    @classmethod
    def copy(cls, path: Path, *, scenarios: bool = False) -> Self:
        """A new one.

        Args:
            path: where to.
            scenarios: whether with its own.
        """
        unwanted = ["__pycache__", ".harness", *(() if scenarios else ("scenarios",))]
        shutil.copytree(PROJECT, path, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*unwanted))
        return cls(path)

    @property
    def runs(self) -> Path:
        """Where its stacks leave what they write."""
        return self.path / ".harness" / "runs"

    def harness(
        self, *arguments: str, timeout: float = COMMAND_SECONDS, path: str = os.environ["PATH"]
    ) -> "subprocess.CompletedProcess[str]":
        """Type `harness ...` in it.

        Args:
            arguments: of the command.
            timeout: seconds, where the machine is fast enough.
            path: PATH for it.
        """
        return self.run(str(HARNESS), *arguments, timeout=timeout, PATH=path)

    def run(
        self, *command: str, timeout: float = COMMAND_SECONDS, **variables: str
    ) -> "subprocess.CompletedProcess[str]":
        """Type a command in it.

        Args:
            command: with its arguments.
            timeout: seconds, where the machine is fast enough.
            variables: beside those that a person has, who is not in the middle of a test.
        """
        plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
        return subprocess.run(
            command,
            cwd=self.path,
            env={**plain, **variables},
            capture_output=True,
            text=True,
            timeout=timeout * pace.factor(),
            check=False,
        )

    def alive(self) -> set[str]:
        """The runs of its stacks that live, as the command itself says."""
        said = self.harness("down", "nobody").stderr
        return set(re.findall(r"[\w-]+", said.partition("running: ")[2])) - {"none"}
