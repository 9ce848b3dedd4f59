"""The script that the image starts gives way to the program."""

import os
from collections.abc import Iterator

from harness.deployment.audit.flaw import Flaw, Place
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject


def _judge(subject: Subject) -> Iterator[Flaw]:
    entrypoint = subject.program.entrypoint
    for script in (entrypoint, *subject.program.images.values()):
        text = subject.text(script)
        if text is not None:
            yield from _script(subject, script, text)
        elif script == entrypoint:
            yield Flaw(Place(script), "is missing", "the image's ENTRYPOINT starts it")


def _script(subject: Subject, script: str, text: str) -> Iterator[Flaw]:
    lines = text.splitlines()
    code = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    commands = [command.strip() for command in code.replace("\\\n", " ").splitlines() if command.strip()]
    if not lines[0].startswith("#!"):
        yield Flaw(Place(script, 1), f"begins with {lines[0]!r}", "begin with #!/bin/sh")
    if not commands[-1].startswith("exec "):
        yield Flaw(
            Place(script, len(lines)), f"ends with {commands[-1]!r}", "let the last command be an exec"
        )
    if not any(command.startswith("set -e") for command in commands):
        yield Flaw(Place(script), "goes on after a command that failed", "set -eu")
    if "\r" in text:
        yield Flaw(
            Place(script),
            "has the line ends of Windows, which the kernel takes for a part of the name",
            "LF only",
        )
    if not os.access(subject.root / script, os.X_OK):
        yield Flaw(Place(script), "is not executable", f"chmod +x {script}")


ENTRYPOINT = Rule(
    name="entrypoint",
    states="the entrypoint's script is executable, stops at an error and becomes the program by exec",
    why="a shell that stays process 1 swallows SIGTERM: each deploy would end with SIGKILL in the middle of the work",
    judge=_judge,
)
