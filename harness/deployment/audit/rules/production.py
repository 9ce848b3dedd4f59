"""Nothing that is deployed runs as if on somebody's desk."""

from collections.abc import Iterator

from harness.deployment.audit.rule import Flaw, Rule
from harness.deployment.audit.subject import Subject

WANTED = {"ENVIRONMENT": {"production"}, "DEBUG": {"false", "0", "no", "off"}}


def _judge(subject: Subject) -> Iterator[Flaw]:
    for service in subject.services:
        for variable, value in subject.values(service).items():
            if value.lower() not in WANTED.get(variable, {value.lower()}):
                yield Flaw(
                    subject.place(service, variable),
                    f"is {value!r}",
                    f"{variable} = {min(WANTED[variable], key=len) if variable == 'ENVIRONMENT' else 'false'!r}",
                )
        if "ALSO_RUN" in service.variables:
            yield Flaw(
                subject.place(service, "ALSO_RUN"),
                "merges roles into one service, which production refuses",
                "remove it: every role has a service of its own",
            )


PRODUCTION = Rule(
    name="production",
    states="every service runs with ENVIRONMENT=production and without DEBUG",
    why="only production refuses weak secrets, open pages and unverified certificates; debug logs say too much",
    judge=_judge,
)
