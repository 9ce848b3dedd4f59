"""Every value is of a kind that the program accepts."""

from collections.abc import Iterator

from harness.deployment.audit.flaw import Flaw
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.rules.secrets import is_shown
from harness.deployment.audit.subject import Subject


def _judge(subject: Subject) -> Iterator[Flaw]:
    for service in subject.services:
        for variable, problem in subject.problems(service).items():
            source = subject.source(service.name, variable)
            # A value that shows a secret is to be removed, not mended: another rule reports it.
            if source is None or not is_shown(subject, variable, source):
                yield Flaw(
                    subject.place(service, variable),
                    f"is invalid: {problem}",
                    f"{subject.program.documented_in} says what it means",
                )


VALUES = Rule(
    name="values",
    states="every value passes the program's own check of its settings",
    why="the role would end with exit code 78 at every start",
    judge=_judge,
)
