"""Every deployed service runs with the settings of production."""

from collections.abc import Iterator

from harness.deployment.audit.flaw import Flaw
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject


def _judge(subject: Subject) -> Iterator[Flaw]:
    program = subject.program
    for service in subject.services:
        for variable, value in subject.values(service).items():
            allowed = program.production.get(variable)
            if allowed and value.lower() not in allowed:
                place = subject.place(service, variable)
                yield Flaw(place, f"is {value!r}", f"{variable} = {allowed[0]!r}")
        if program.merges and program.merges in service.variables:
            yield Flaw(
                subject.place(service, program.merges),
                "merges roles into one service, which production refuses",
                "remove it: every role has a service of its own",
            )


PRODUCTION = Rule(
    name="production",
    states="every service runs as in production, and plays one role",
    why="only production refuses weak secrets, open pages and unverified certificates; debug logs say too much",
    judge=_judge,
)
