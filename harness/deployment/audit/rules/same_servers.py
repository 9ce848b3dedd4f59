"""All roles mean the same database, the same Redis, and whatever else must be the same."""

from collections import defaultdict
from collections.abc import Iterator

from harness.deployment.audit.flaw import Flaw
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject


def _judge(subject: Subject) -> Iterator[Flaw]:
    for (
        variable
    ) in subject.program.same:  # secrets need no comparison: the rule `secrets` has each defined once
        by_value = defaultdict(list)
        for service in subject.services:
            if variable in (values := subject.values(service)):
                by_value[values[variable].partition("?")[0]].append(service)  # its options are another rule's
        most = max(by_value.values(), key=len, default=[])
        for services in by_value.values():
            if services is not most:
                for service in services:
                    yield Flaw(
                        subject.place(service, variable),
                        f"is another one than that of {most[0].name}",
                        f"{variable} = {most[0].variables.get(variable, f'${{{{{most[0].name}.{variable}}}}}')}",
                    )


SAME_SERVERS = Rule(
    name="same_servers",
    states="all services use the same database, the same Redis and the same provider",
    why="a worker on another Redis consumes nothing, and on another database finds nothing; neither says so",
    judge=_judge,
)
