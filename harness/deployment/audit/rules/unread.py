"""What is set is read by the program."""

from collections.abc import Iterator

from harness.deployment.audit.flaw import Flaw, Place
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject
from harness.deployment.program import Program
from harness.deployment.references import SHARED, did_you_mean


def _judge(subject: Subject) -> Iterator[Flaw]:
    for service in subject.services:
        for variable in (*service.variables, *service.secrets):
            if variable not in subject.program.variables and not variable.startswith("RAILWAY_"):
                yield Flaw(
                    subject.place(service, variable),
                    f"nothing reads {variable}; {_meant(variable, subject.program)}",
                    "correct its name, or remove it",
                )
    written = [value for service in subject.services for value in service.variables.values()]
    for variable in subject.deployment.shared:
        if not any(f"{SHARED}.{variable}" in value for value in written):
            yield Flaw(
                Place(subject.declaration, name=f"{SHARED}.{variable}"),
                f"no service refers to {variable}",
                f"refer to it as ${{{{{SHARED}.{variable}}}}}, or remove it",
            )


def _meant(variable: str, program: Program) -> str:
    meant = did_you_mean(variable, program.variables)
    return meant if meant.startswith("did") else f"{program.documented_in} lists what is read"


UNREAD = Rule(
    name="unread",
    states="every variable that is set is read by the program",
    why="what nobody reads changes nothing, while whoever set it believes that it does",
    judge=_judge,
)
