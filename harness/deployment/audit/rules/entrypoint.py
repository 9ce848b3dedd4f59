"""The script that the image starts is replaced by the program."""

import os
import re
from collections.abc import Iterator

from harness.base.shell_script import commands
from harness.deployment.audit.flaw import Flaw, Place
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject

AT_ERRORS = re.compile(r"^#!.*\s-[a-z]*e")  # as an option of the shell itself


def _judge(subject: Subject) -> Iterator[Flaw]:
    entrypoint = subject.program.entrypoint
    for script in (entrypoint, *subject.program.images.values()):
        text = subject.text(script)
        if text is not None:
            yield from _script(subject, script, text)
        elif script == entrypoint:
            yield Flaw(Place(script), "is missing", "the image's ENTRYPOINT starts it")


def _script(subject: Subject, script: str, text: str) -> Iterator[Flaw]:
    first = text.split("\n", 1)[0].rstrip("\r")
    if not first.startswith("#!"):
        yield Flaw(Place(script, 1), f"begins with {first!r}", "begin with #!/bin/sh")
    found = commands(text)
    if not found:
        yield Flaw(Place(script, 1), "runs nothing", "let its one command be an exec of the program")
    elif not found[-1].becomes_a_program:
        last = found[-1]
        said = f"ends with {last.text!r}, by which the shell does not become the program"
        yield Flaw(Place(script, last.line), said, "let the last command be an exec of the program")
    if found and not (AT_ERRORS.search(first) or any(command.stops_at_errors for command in found)):
        yield Flaw(Place(script, 1), "goes on after a command that failed", "set -eu")
    if "\r" in text:
        yield Flaw(
            Place(script, text[: text.index("\r")].count("\n") + 1),
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
    of_files=True,
)
