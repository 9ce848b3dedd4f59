"""Every value is of a kind that the program accepts."""

from collections.abc import Iterator

from harness.deployment.audit.flaw import Flaw
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject


def _judge(subject: Subject) -> Iterator[Flaw]:
    for service in subject.services:
        known = {
            name: value
            for name, value in subject.values(service).items()
            if name in subject.program.variables
        }
        for variable, problem in subject.program.problems(known).items():
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
