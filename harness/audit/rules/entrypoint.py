"""The script that the image starts gives way to the program."""

import os
from collections.abc import Iterator

from harness.audit.finding import Flaw, Place, Rule
from harness.audit.subject import Subject

SCRIPT = "scripts/railway_entrypoint.sh"


def _judge(subject: Subject) -> Iterator[Flaw]:
    text = subject.text(SCRIPT)
    if text is None:
        yield Flaw(Place(SCRIPT), "is missing", "the image's ENTRYPOINT starts it")
        return
    lines = text.splitlines()
    commands = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if not lines[0].startswith("#!"):
        yield Flaw(Place(SCRIPT, 1), f"begins with {lines[0]!r}", "begin with #!/bin/sh")
    if not commands[-1].startswith("exec "):
        yield Flaw(
            Place(SCRIPT, len(lines)), f"ends with {commands[-1]!r}", "let the last command be an exec"
        )
    if not any(command.startswith("set -e") for command in commands):
        yield Flaw(Place(SCRIPT), "goes on after a command that failed", "set -eu")
    if "\r" in text:
        yield Flaw(
            Place(SCRIPT),
            "has the line ends of Windows, which the kernel takes for a part of the name",
            "LF only",
        )
    if not os.access(subject.root / SCRIPT, os.X_OK):
        yield Flaw(Place(SCRIPT), "is not executable", f"chmod +x {SCRIPT}")


ENTRYPOINT = Rule(
    name="entrypoint",
    states="the entrypoint's script is executable, stops at an error and becomes the program by exec",
    why="a shell that stays process 1 swallows SIGTERM: each deploy would end with SIGKILL in the middle of the work",
    judge=_judge,
)
