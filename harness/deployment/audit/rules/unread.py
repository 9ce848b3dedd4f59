"""What is set is read by the program."""

from collections.abc import Iterator

from app.core.settings import variables
from harness.deployment.audit.rule import Flaw, Place, Rule
from harness.deployment.audit.subject import DEPLOY, Subject
from harness.deployment.declaration import SERVICES
from harness.deployment.references import SHARED, did_you_mean


def _judge(subject: Subject) -> Iterator[Flaw]:
    read = variables()
    for service in subject.services:
        for variable in (*service.variables, *service.secrets):
            if variable not in read and not variable.startswith("RAILWAY_"):
                yield Flaw(
                    subject.place(service, variable),
                    f"nothing reads {variable}; {_meant(variable, read)}",
                    "correct its name, or remove it",
                )
    written = [value for service in subject.services for value in service.variables.values()]
    for variable in subject.deployment.shared:
        if not any(f"{SHARED}.{variable}" in value for value in written):
            yield Flaw(
                Place(f"{DEPLOY}/{SERVICES}", name=f"{SHARED}.{variable}"),
                f"no service refers to {variable}",
                f"refer to it as ${{{{{SHARED}.{variable}}}}}, or remove it",
            )


def _meant(variable: str, read: list[str]) -> str:
    meant = did_you_mean(variable, read)
    return meant if meant.startswith("did") else "docs/configuration.md lists what is read"


UNREAD = Rule(
    name="unread",
    states="every variable that is set is read by the program",
    why="what nobody reads changes nothing, while whoever set it believes that it does",
    judge=_judge,
)
