"""Every variable for Railway is one that Railway knows."""

from collections.abc import Iterator

from harness.deployment.audit.flaw import Flaw
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.subject import Subject
from harness.deployment.railway import DOCKERFILE_PATH, DRAINING_SECONDS, OVERLAP_SECONDS, READ, provided
from harness.deployment.references import did_you_mean

DECLARED = {
    DOCKERFILE_PATH: "dockerfile",
    DRAINING_SECONDS: "draining_seconds",
    OVERLAP_SECONDS: "overlap_seconds",
}


def _judge(subject: Subject) -> Iterator[Flaw]:
    given = provided(service.name for service in subject.services)
    for service in subject.services:
        for variable in service.variables:
            place = subject.place(service, variable)
            if not variable.startswith("RAILWAY_"):
                continue
            if variable in DECLARED:
                yield Flaw(
                    place,
                    f"is set beside {DECLARED[variable]}, which becomes it",
                    f"only {DECLARED[variable]}",
                )
            elif variable in given:
                yield Flaw(place, "is Railway's to set", "remove it")
            elif variable not in READ:
                yield Flaw(
                    place,
                    f"is nothing that Railway knows; {did_you_mean(variable, READ)}",
                    "correct its name",
                )


RAILWAY_NAMES = Rule(
    name="railway_names",
    states="every RAILWAY_ variable is one that Railway reads",
    why="Railway ignores the others, so a typing error would leave its default in force: 0 s of draining, for one",
    judge=_judge,
)
