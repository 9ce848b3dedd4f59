"""Every variable that a role needs to start is set."""

from collections.abc import Iterator
from dataclasses import replace

from harness.deployment.audit.flaw import Flaw
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject


def _judge(subject: Subject) -> Iterator[Flaw]:
    for service in subject.services:
        for variable in service.role.requires:
            if variable not in service.variables and variable not in service.secrets:
                yield Flaw(
                    replace(subject.place(service), name=f"{service.name}.{variable}"),
                    f"does not set {variable}, without which {service.kind} refuses to start",
                    f"{variable} = ..., or among its secrets",
                )


UNSET = Rule(
    name="unset",
    states="every variable that a role cannot do without is set",
    why="the role would end with exit code 78 at every start",
    judge=_judge,
)
