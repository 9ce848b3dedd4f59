"""Every service's values are such that the program starts with them."""

from collections.abc import Iterator

from harness.deployment.audit.flaw import Flaw, Severity
from harness.deployment.audit.rule import Rule
from harness.deployment.audit.rules.secrets import is_shown
from harness.deployment.audit.subject import Subject
from harness.deployment.references import SHARED

Name = tuple[str, str]  # of a service, or `shared`, and a variable of it


def _judge(subject: Subject) -> Iterator[Flaw]:
    refused: dict[Name, str] = {}
    doubted: dict[Name, str] = {}
    for service in subject.services:
        alone = {name: f"is invalid: {problem}" for name, problem in subject.problems(service).items()}
        for variable, problem in {**subject.refused(service), **alone}.items():
            unset = variable not in service.variables and variable not in service.secrets
            source = subject.source(service.name, variable)
            # The rule unset reports what is missing. A value that shows a secret is to be removed, not mended: another rule reports it.
            missing = unset and variable in service.role.requires
            if not missing and (source is None or not is_shown(subject, variable, source)):
                refused[service.name, variable] = problem
        doubted |= {(service.name, name): what for name, what in subject.doubted(service).items()}
    for found, severity in ((refused, Severity.ERROR), (doubted, Severity.WARNING)):
        for (scope, variable), what in _by_origin(subject, found).items():
            place = (
                subject.shared_place(variable)
                if scope == SHARED
                else subject.place(subject.deployment.services[scope], variable)
            )
            yield Flaw(place, what, f"{subject.program.documented_in} says what it means", severity)


def _by_origin(subject: Subject, told: dict[Name, str]) -> dict[Name, str]:
    """The same, told of the variable that has the value instead of each that leads to it.

    Whoever leads to it may be wrong alone, by what else it has: then it is told of that one.
    """
    found: dict[Name, str] = {}
    leading: dict[Name, set[Name]] = {}
    for service in subject.services:
        for variable in service.variables:
            if target := subject.leads_to(service.name, variable):
                leading.setdefault(target, set()).add((service.name, variable))
    for name, what in told.items():
        at = name
        while target := subject.leads_to(*at):
            all_of_shared = target[0] == SHARED and all(
                told.get(one) == what for one in leading.get(target, ())
            )
            if not (all_of_shared or told.get(target) == what):
                break
            at = target
        found[at] = what
    return found


VALUES = Rule(
    name="values",
    states="every service's values pass the program's own check of its settings, one by one and together",
    why="the role would end with exit code 78 at every start",
    judge=_judge,
    gives_way=True,
)
