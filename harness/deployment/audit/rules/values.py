"""Every service's values are such that the program starts with them."""

from collections.abc import Iterator

from harness.deployment.audit.flaw import Flaw, Severity
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.rules.origin import Name, by_origin, place_of
from harness.deployment.audit.rules.secrets import is_shown
from harness.deployment.audit.subject import Subject


def _judge(subject: Subject) -> Iterator[Flaw]:
    refused: dict[Name, str] = {}
    doubted: dict[Name, str] = {}
    for service in subject.services:
        alone = {name: f"is invalid: {problem}" for name, problem in subject.problems(service).items()}
        for variable, problem in {**alone, **subject.refused(service)}.items():
            unset = variable not in service.variables and variable not in service.secrets
            source = subject.source(service.name, variable)
            # The rule unset reports what is missing. A value that shows a secret is to be removed, not mended: another rule reports it.
            missing = unset and variable in service.role.requires
            if not missing and (source is None or not is_shown(subject, variable, source)):
                refused[service.name, variable] = problem
        doubted |= {(service.name, name): what for name, what in subject.doubted(service).items()}
    for found, severity in ((refused, Severity.ERROR), (doubted, Severity.WARNING)):
        for (scope, variable), what in by_origin(subject, found).items():
            yield Flaw(
                place_of(subject, scope, variable),
                what,
                f"{subject.program.documented_in} says what it means",
                severity,
            )


VALUES = Rule(
    name="values",
    states="every service's values pass the program's own check of its settings, one by one and together",
    why="a role ends with exit code 78 at every start while it refuses a setting; what a setting does otherwise than it says, nobody notices",
    judge=_judge,
    gives_way=True,
)
