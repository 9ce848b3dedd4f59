"""Every variable that is set is read by the program."""

from collections.abc import Iterator

from harness.deployment.audit.flaw import Flaw
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.rules.secrets import written_down
from harness.deployment.audit.subject import Subject
from harness.deployment.libraries import reads
from harness.deployment.program import Program
from harness.deployment.references import REFERENCE, SHARED, TARGET, did_you_mean


def _judge(subject: Subject) -> Iterator[Flaw]:
    shown = written_down(subject)
    for service in subject.services:
        for variable in (*service.variables, *service.secrets):
            why = subject.program.ignored(variable)
            read = variable in subject.program.variables or reads(variable, subject.program.variables)
            read = read or variable.startswith("RAILWAY_")  # the rule railway_names reports them
            if (why or not read) and (service.name, variable) not in shown:
                yield Flaw(
                    subject.place(service, variable),
                    f"nothing reads {variable}; {_meant(variable, subject.program, why)}",
                    "correct its name, or remove it",
                )
    shared = subject.deployment.shared
    written = [value for service in subject.services for value in service.variables.values()]
    referred = {
        match["variable"]
        for value in (*written, *shared.values())
        for text in REFERENCE.findall(value)
        if (match := TARGET.fullmatch(text.strip())) and match["scope"] == SHARED
    }
    for variable in shared:
        if variable not in referred and (SHARED, variable) not in shown:
            yield Flaw(
                subject.shared_place(variable),
                f"no service refers to {variable}",
                f"refer to it as ${{{{{SHARED}.{variable}}}}}, or remove it",
            )


def _meant(variable: str, program: Program, why: str) -> str:
    meant = did_you_mean(variable, program.variables)
    return meant if meant.startswith("did") else why or f"{program.documented_in} lists what is read"


UNREAD = Rule(
    name="unread",
    states="every variable that is set is read by the program, or by a library that it is made of",
    why="what nobody reads changes nothing, while whoever set it believes that it does",
    judge=_judge,
)
