"""Where a value comes from: what is wrong with it is told there, once, and not of each that refers to it."""

from collections.abc import Mapping
from typing import TypeVar

from harness.deployment.audit.flaw import Place
from harness.deployment.audit.subject import Subject
from harness.deployment.references import SHARED

Said = TypeVar("Said")
Name = tuple[str, str]  # of a service, or `shared`, and a variable of it


def by_origin(subject: Subject, told: Mapping[Name, Said]) -> dict[Name, Said]:
    """The same, told of the variable that has the value instead of each that leads to it.

    Whoever leads to it may be wrong alone, by what else it has: then it is told of that one.

    Args:
        subject: that is judged.
        told: service and variable -> what.
    """
    found: dict[Name, Said] = {}
    leading: dict[Name, set[Name]] = {}
    for service in subject.services:
        for variable in service.variables:
            if target := subject.leads_to(service.name, variable):
                leading.setdefault(target, set()).add((service.name, variable))
    for name, what in told.items():
        at, seen = name, {name}
        while target := subject.leads_to(*at):
            all_of_shared = target[0] == SHARED and all(
                told.get(one) == what for one in leading.get(target, ())
            )
            if not (all_of_shared or told.get(target) == what):
                break
            if target in seen:
                break  # in a circle there is no origin: another rule reports it
            seen.add(target)
            at = target
        found[at] = what
    return found


def place_of(subject: Subject, scope: str, variable: str) -> Place:
    """Where a variable is declared.

    Args:
        subject: that is judged.
        scope: a service, or `shared`.
        variable: of it.
    """
    if scope == SHARED:
        return subject.shared_place(variable)
    return subject.place(subject.deployment.services[scope], variable)
