"""Nothing replaces the image's entrypoint."""

from collections.abc import Iterator

from harness.deployment.audit.flaw import Flaw
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject


def _judge(subject: Subject) -> Iterator[Flaw]:
    for service in subject.services:
        for key in ("build_command", "start_command"):
            command = getattr(service, key)
            if command:
                yield Flaw(subject.place(service, key), f"is {command!r}", "leave it empty")


COMMANDS = Rule(
    name="commands",
    states="build and start commands are empty",
    why="a start command replaces the image's ENTRYPOINT: no settings are checked, nothing migrates, no role is chosen",
    judge=_judge,
    of_files=True,
)
